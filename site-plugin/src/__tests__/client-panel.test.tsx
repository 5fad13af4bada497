// @vitest-environment happy-dom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { rememberSelections, type Selection, selectionsOf } from "../client/panel/state/asked-about";
import type { Conversation } from "../client/panel/state/conversation";
import { openDraft } from "../client/panel/state/draft";
import type { Question } from "../client/panel/state/state";
import { createStore } from "../client/panel/state/store";
import { Panel } from "../client/panel/view/Panel";
import type { ClientOptions } from "../contract";
import { answer, done, earlyEnd, userMessage } from "./client-fixtures";

const OPTIONS: ClientOptions = {
  assistantUrl: "/assistant",
  title: "Ask this book",
  failed: "It did not load.",
  shortcut: "i",
  asked: "",
};

const about = (selection: Selection): Question => ({
  text: "Why?",
  quote: selection.text,
  metadata: {
    page_context: { path: "/a", current_chapter: null, current_lesson: null, locale: "en" },
    scope: "full_book",
    selections: [selection],
  },
});

let end = () => {};

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  sessionStorage.clear();
  localStorage.clear();
  document.body.innerHTML = "<article><h1>Hives</h1><h2>Where to put one</h2></article>";
});
afterEach(() => {
  end();
  vi.unstubAllGlobals();
});

async function show(
  options: Partial<ClientOptions> = {},
  listed: { id: string; title: string }[] | null = null,
  byLink = false,
  shareId: string | null = null,
) {
  const host = document.createElement("div");
  document.body.append(host);
  const list = vi.fn(async () => ({
    data: (listed ?? []).map((each) => ({ ...each, created_at: "" })),
    has_more: false,
  }));
  const conversation = {
    ...{ ask: vi.fn(), stop: vi.fn(), retry: vi.fn(), resume: vi.fn(), open: vi.fn(), rate: vi.fn() },
    ...{ loadOlder: vi.fn(), startNew: vi.fn(), knowsReader: () => listed !== null },
    assistant: { send: vi.fn(), read: vi.fn(), addressOf: (path: string) => `https://ask.example/${path}` },
    threads: { list, rename: vi.fn(), delete: vi.fn(), deleteAll: vi.fn() },
  };
  const store = createStore();
  const props = { host, store, draft: openDraft(), onClose: vi.fn(), onFollow: vi.fn() };
  const root = createRoot(host);
  end = () => act(() => root.unmount());
  await act(async () =>
    root.render(
      <Panel
        {...props}
        options={{ ...OPTIONS, ...options }}
        conversation={conversation as unknown as Conversation}
        opening={1}
        byLink={byLink}
        shareId={shareId}
      />,
    ),
  );
  const button = (label: string) =>
    Array.from(host.querySelectorAll("button")).find((each) =>
      [each.getAttribute("aria-label"), each.textContent].includes(label),
    );
  const field = () => host.querySelector("textarea") as HTMLTextAreaElement;
  return { ...props, conversation, button, field };
}

async function press(field: HTMLElement, init: KeyboardEventInit & { keyCode?: number }) {
  const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init });
  for (const [name, value] of Object.entries(init)) Object.defineProperty(event, name, { value });
  await act(async () => field.dispatchEvent(event));
  return event;
}

it("asks at Enter and empties the field, but not while a word is being composed or a line begun", async () => {
  const { draft, field, conversation } = await show();
  await act(async () => draft.write("箱はどこ"));
  for (const init of [{ isComposing: true }, { keyCode: 229 }, { shiftKey: true }]) {
    expect((await press(field(), init)).defaultPrevented).toBe(false);
  }
  expect(conversation.ask).not.toHaveBeenCalled();
  await press(field(), {});
  expect(conversation.ask).toHaveBeenCalledWith(expect.objectContaining({ text: "箱はどこ" }));
  expect(field().value).toBe("");
});

it("keeps what is being written for this tab", async () => {
  const first = await show();
  await act(async () => first.draft.write("Half a quest"));
  end();
  const { field } = await show();
  expect(field().value).toBe("Half a quest");
});

it("holds the first question back until the note is agreed to, and then asks no more", async () => {
  const { button, conversation, host } = await show({ consent: "Questions go to Example Inc." });
  await act(async () => button("What does “Where to put one” say?")?.click());
  expect(conversation.ask).not.toHaveBeenCalled();
  expect(host.textContent).toContain("Questions go to Example Inc.");
  expect(document.activeElement?.textContent).toBe("Agree and ask");
  await act(async () => button("Agree and ask")?.click());
  expect(conversation.ask).toHaveBeenCalledOnce();
  await act(async () => button("What does “Where to put one” say?")?.click());
  expect(conversation.ask).toHaveBeenCalledTimes(2);
});

it("asks about another note anew", async () => {
  const { button } = await show({ consent: "One." });
  await act(async () => button("What does “Where to put one” say?")?.click());
  await act(async () => button("Agree and ask")?.click());
  end();
  const next = await show({ consent: "Two." });
  await act(async () => next.button("What does “Where to put one” say?")?.click());
  expect(next.conversation.ask).not.toHaveBeenCalled();
});

it("loses no question that is not sent after all", async () => {
  const { button, field, conversation } = await show({ consent: "Questions go to Example Inc." });
  await act(async () => button("What does “Where to put one” say?")?.click());
  await act(async () => button("Not now")?.click());
  expect(field().value).toBe("What does “Where to put one” say?");
  expect(conversation.ask).not.toHaveBeenCalled();
});

it("is named as the author wants", async () => {
  const { host } = await show({ title: "Ask the bees" });
  expect(host.querySelector("aside")?.getAttribute("aria-label")).toBe("Ask the bees");
});

it.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["book.example", false],
])("at %s, how a model is connected is told: %s", async (hostname, told) => {
  vi.spyOn(location, "hostname", "get").mockReturnValue(hostname);
  const { store, host } = await show();
  const index = { commit: null, built_at: "", pages: 1, chunks: 1, model: "extractive", title: "Bees" };
  await act(async () => store.dispatch({ type: "index", index: { status: "ready", index } }));
  const foot = host.querySelector(".foot")?.textContent ?? "";
  expect(foot).toContain("These are quotations from the book.");
  expect(foot.includes("BOOKLIGHT_MODEL")).toBe(told);
});

it("looks up what was asked here before, for readers who have asked", async () => {
  const { conversation, button } = await show({}, [{ id: "thr_1", title: "Why?" }]);
  expect(conversation.threads.list).toHaveBeenCalledWith({ path: location.pathname, limit: 3 });
  await act(async () => button("Why?")?.click());
  expect(conversation.open).toHaveBeenCalledWith("thr_1");
});

it("looks nothing up for a reader who has not asked before", async () => {
  const { conversation } = await show();
  expect(conversation.threads.list).not.toHaveBeenCalled();
});

it("says that a connection is being taken up again", async () => {
  const { store, host } = await show();
  await act(async () => {
    store.dispatch({
      type: "loaded",
      threadId: "thr_1",
      listing: { data: [userMessage("m", "Why?")], has_more: false },
    });
    store.dispatch({ type: "resumed", itemId: "m" });
    store.dispatch({ type: "reconnecting" });
  });
  expect(host.textContent).toContain("The connection was lost. Taking it up again");
});

it("asks the sidecar for nothing when a link opens it, until the reader touches it", async () => {
  const { conversation, field, host } = await show({}, [{ id: "thr_1", title: "Why?" }], true);
  expect(conversation.resume).not.toHaveBeenCalled();
  expect(conversation.threads.list).not.toHaveBeenCalled();
  await press(field(), { key: "a" });
  expect(conversation.resume).toHaveBeenCalledOnce();
  expect(conversation.threads.list).toHaveBeenCalledOnce();
  expect(host.textContent).toContain("Why?");
});

it("marks an answer that is not all there, and offers to ask again", async () => {
  const { store, host, button, conversation } = await show();
  const listing = { data: [earlyEnd("end_m2"), answer("m2", "Bec"), userMessage("m1", "Why?")], has_more: false };
  await act(async () => store.dispatch({ type: "loaded", threadId: "thr_1", listing }));
  expect(host.textContent).toContain("The answer broke off before its end.");
  await act(async () => button("Try again")?.click());
  expect(conversation.retry).toHaveBeenCalledOnce();
  await act(async () => store.dispatch({ type: "received", event: done(userMessage("m3", "And then?")) }));
  expect(host.textContent).toContain("The answer broke off before its end.");
  expect(button("Try again")).toBeUndefined();
});

it("leads from the quotation above a question back to its passage", async () => {
  const { store, host } = await show();
  const sun = { text: "In the sun.", path: "/a", anchor: "sun" };
  await act(async () => store.dispatch({ type: "asked", question: about(sun) }));
  expect(host.querySelector(".asked a")?.getAttribute("href")).toMatch(/\/a#sun/);
  const kept = { ...userMessage("m1", "Why?"), quoted_text: sun.text };
  rememberSelections("m1", about(sun));
  await act(async () => store.dispatch({ type: "received", event: done(kept) }));
  expect(host.querySelector(".asked a")?.textContent).toBe(sun.text);
  expect(selectionsOf("m1")).toEqual([sun]);
});
