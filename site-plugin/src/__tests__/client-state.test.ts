import { describe, expect, it } from "vitest";
import { composeQuestion } from "../client/panel/state/question";
import { FIRST_STATE, type PanelAction, type PanelState, reducePanel, unconfirmed } from "../client/panel/state/state";
import { MAX_PASSAGE, type Passage } from "../client/selection/passage";
import { answer, asked, created, userMessage } from "./client-fixtures";

const page = {
  path: "/docs/a",
  title: "A",
  chapter: 3,
  lesson: "a",
  docsInstance: "default",
  known: true,
  headings: [],
};
const passage = (text: string): Passage => ({ text, path: "/docs/a", anchor: "x", heading: "X" });
const reduce = (...actions: PanelAction[]): PanelState => actions.reduce(reducePanel, FIRST_STATE);
const question = composeQuestion("Why?", page, "full_book");

describe("a question on its way", () => {
  it("is shown at once and gives way to the server's copy", () => {
    const waiting = reduce({ type: "asked", question });
    expect(unconfirmed(waiting)).toBe(question);
    const confirmed = [created, asked].reduce(
      (state, event) => reducePanel(state, { type: "received", event }),
      waiting,
    );
    expect(unconfirmed(confirmed)).toBeNull();
    expect(confirmed.thread.items).toHaveLength(1);
  });

  it("stays when it could not be sent", () => {
    const failed = reduce({ type: "asked", question }, { type: "failed", failure: { kind: "offline" } });
    expect(unconfirmed(failed)).toBe(question);
  });

  it("leaves a thread that is no longer there, so that the next one is new", () => {
    const state = reduce(
      { type: "loaded", threadId: "thr_1", listing: { data: [], has_more: false } },
      { type: "failed", failure: { kind: "lost" } },
    );
    expect(state.thread.id).toBeNull();
  });
});

describe("a loaded conversation", () => {
  it("is shown oldest first and remembers where the older messages begin", () => {
    const listing = { data: [answer("2", "b"), userMessage("1", "a")], has_more: true, after: "1" };
    const state = reduce({ type: "loaded", threadId: "thr_1", listing });
    expect(state.thread.items.map((item) => item.id)).toEqual(["1", "2"]);
    expect(state.older).toBe("1");
    const older = { data: [userMessage("0", "z")], has_more: false };
    const whole = reducePanel(state, { type: "loaded-older", listing: older });
    expect(whole.thread.items.map((item) => item.id)).toEqual(["0", "1", "2"]);
    expect(whole.older).toBeNull();
  });

  it("shows no question as waiting", () => {
    const listing = { data: [userMessage("1", "a")], has_more: false };
    expect(unconfirmed(reduce({ type: "loaded", threadId: "thr_1", listing }))).toBeNull();
  });
});

describe("passages", () => {
  it("are kept once each, and go with the question", () => {
    const one = passage("one");
    const state = reduce({ type: "selected", passage: one }, { type: "selected", passage: passage("one") });
    expect(state.passages).toEqual([one]);
    expect(reducePanel(state, { type: "unselected", passage: one }).passages).toEqual([]);
    expect(reducePanel(state, { type: "asked", question }).passages).toEqual([]);
  });

  it("travel as the quotation and one by one", () => {
    expect(question.metadata.about).toBeUndefined();
    const about = { path: "/docs/a", anchor: "x" };
    expect(composeQuestion("X", page, "full_book", [], about).metadata.about).toEqual(about);
    const { quote, metadata } = composeQuestion("Why?", page, "current_page", [passage("one"), passage("two")]);
    expect(quote).toBe("one\n\ntwo");
    expect(metadata).toEqual({
      page_context: {
        path: "/docs/a",
        current_chapter: 3,
        current_lesson: "a",
        locale: "en",
        docs_instance: "default",
      },
      scope: "current_page",
      selected_text: "one\n\ntwo",
      selections: [
        { text: "one", path: "/docs/a", anchor: "x" },
        { text: "two", path: "/docs/a", anchor: "x" },
      ],
    });
  });

  it("never exceed what the server accepts", () => {
    const long = passage("x".repeat(MAX_PASSAGE));
    const { quote } = composeQuestion("Why?", page, "full_book", [long, passage("y")]);
    expect(quote).toHaveLength(MAX_PASSAGE);
  });
});

it("asks in the whole book where the chosen scope does not exist", () => {
  const loose = { ...page, chapter: null };
  expect(composeQuestion("Why?", loose, "current_chapter").metadata.scope).toBe("full_book");
});
