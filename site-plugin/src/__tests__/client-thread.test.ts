import { describe, expect, it } from "vitest";
import type { AssistantMessage, ThreadEvent, WorkflowItem } from "../client/panel/api/protocol";
import {
  applyEvent,
  beginTurn,
  EMPTY_THREAD,
  endTurn,
  isUnfinished,
  truncateAfter,
} from "../client/panel/state/thread";
import { answer, asked, begun, created, delta, done, userMessage, WHOLE_TURN } from "./client-fixtures";

const replay = (events: readonly ThreadEvent[], from = beginTurn(EMPTY_THREAD, null)) =>
  events.reduce(applyEvent, from);

function lastAnswer(events: readonly ThreadEvent[]): AssistantMessage {
  const item = replay(events).items.at(-1);
  if (item?.type !== "assistant_message") throw new Error("no answer");
  return item;
}

describe("a turn", () => {
  it("learns the thread, confirms the question and writes the answer", () => {
    const thread = replay(WHOLE_TURN);
    expect(thread.id).toBe("thr_1");
    expect(thread.asked).toBe("msg_1");
    expect(thread.items.map((item) => item.type)).toEqual(["user_message", "assistant_message"]);
    expect(lastAnswer(WHOLE_TURN).content[0]?.text).toBe("Because of it.");
  });

  it("keeps streamed annotations when the finished part comes without them", () => {
    expect(lastAnswer(WHOLE_TURN).content[0]?.annotations).toHaveLength(1);
  });

  it("shows progress until the first words", () => {
    const searching: ThreadEvent = { type: "progress_update", text: "Searching" };
    expect(replay([created, asked, searching]).turn).toMatchObject({ progress: "Searching" });
    expect(replay([created, asked, searching, ...begun("msg_2"), delta("msg_2", "So")]).turn).toMatchObject({
      progress: null,
      open: "msg_2",
    });
  });

  it("is unfinished until its answer is done", () => {
    expect(isUnfinished(replay([created, asked]))).toBe(true);
    expect(isUnfinished(replay(WHOLE_TURN))).toBe(true);
    const finished = replay([...WHOLE_TURN, done(answer("msg_2", "Because of it."))]);
    expect(isUnfinished(finished)).toBe(false);
    expect(endTurn(finished).turn.phase).toBe("idle");
  });

  it("is unfinished while a second answer is open", () => {
    const events = [created, asked, done(answer("msg_2", "One.")), ...begun("msg_3")];
    expect(isUnfinished(replay(events))).toBe(true);
  });

  it("can be replayed from its beginning without saying anything twice", () => {
    const thread = replay([...WHOLE_TURN, ...WHOLE_TURN]);
    expect(thread.items).toHaveLength(2);
    expect(lastAnswer([...WHOLE_TURN, ...WHOLE_TURN]).content[0]?.text).toBe("Because of it.");
  });

  it("fails with the server's own words, and stays failed", () => {
    const error: ThreadEvent = { type: "error", code: "custom", message: "The budget is spent.", allow_retry: false };
    const thread = endTurn(replay([created, asked, error]));
    expect(thread.turn).toEqual({ phase: "failed", failure: { kind: "refused", message: "The budget is spent." } });
  });

  it("goes on taking what comes after it was stopped, and stays stopped", () => {
    const stopped = { ...replay([...WHOLE_TURN]), turn: { phase: "stopped" as const } };
    const thread = endTurn(applyEvent(stopped, done(answer("msg_2", "Because"))));
    expect(thread.turn.phase).toBe("stopped");
    expect(thread.items.at(-1)).toMatchObject({ content: [{ text: "Because" }] });
  });
});

describe("items", () => {
  it("are replaced and removed by id", () => {
    const replaced: ThreadEvent = { type: "thread.item.replaced", item: answer("msg_2", "Better.") };
    expect(lastAnswer([...WHOLE_TURN, replaced]).content[0]?.text).toBe("Better.");
    const removed = replay([...WHOLE_TURN, { type: "thread.item.removed", item_id: "msg_2" }]);
    expect(removed.items.map((item) => item.id)).toEqual(["msg_1"]);
    expect(removed.turn).toMatchObject({ open: null });
  });

  it("behind a question go when it is tried again", () => {
    const thread = replay([created, asked, done(answer("msg_2", "One.")), done(userMessage("msg_3", "And?"))]);
    expect(truncateAfter(thread, "msg_1").items.map((item) => item.id)).toEqual(["msg_1"]);
    expect(truncateAfter(thread, "unknown")).toBe(thread);
  });

  it("of a workflow are set by their place, however often they are told", () => {
    const workflow: WorkflowItem = {
      id: "wf_1",
      thread_id: "thr_1",
      created_at: "",
      type: "workflow",
      workflow: { tasks: [{ type: "custom", title: "Looking" }] },
    };
    const task = { type: "custom", title: "Found" };
    const update = { type: "workflow.task.added" as const, task_index: 0, task };
    const thread = replay([
      { type: "thread.item.added", item: workflow },
      { type: "thread.item.updated", item_id: "wf_1", update },
    ]);
    expect(thread.items).toMatchObject([{ workflow: { tasks: [task] } }]);
  });
});

describe("what comes beside the answer", () => {
  it("is kept for the turn: follow-up questions and notices", () => {
    const questions = ["What then?", "And then?"];
    const suggestions = [{ text: "What then?", path: "/a", anchor: "then" }, 3, null, { text: "And then?", path: 7 }];
    const thread = replay([
      { type: "client_effect", name: "booklight.follow_ups", data: { questions, suggestions } },
      { type: "notice", level: "info", message: "Nearly full." },
    ]);
    expect(thread.followUps).toEqual([
      { text: "What then?", about: { path: "/a", anchor: "then" } },
      { text: "And then?", about: null },
    ]);
    const older = replay([{ type: "client_effect", name: "booklight.follow_ups", data: { questions } }]);
    expect(older.followUps.map(({ text }) => text)).toEqual(questions);
    expect(thread.notices).toHaveLength(1);
    expect(beginTurn(thread, null)).toMatchObject({ followUps: [], notices: [] });
  });

  it("is passed over when it is unknown", () => {
    const unknown = { type: "thread.from.the.future", payload: 1 } as unknown as ThreadEvent;
    const thread = replay(WHOLE_TURN);
    expect(applyEvent(thread, unknown)).toBe(thread);
    expect(applyEvent(thread, { type: "client_effect", name: "other", data: {} })).toBe(thread);
  });

  it("does not disturb items of kinds that take no text", () => {
    const widget = { id: "w_1", thread_id: "thr_1", created_at: "", type: "widget" as const };
    const update = { type: "widget.streaming_text.value_delta", component_id: "c", delta: "x", done: false };
    const event = { type: "thread.item.updated", item_id: "w_1", update } as unknown as ThreadEvent;
    expect(replay([{ type: "thread.item.added", item: widget }, event]).items).toEqual([widget]);
  });
});
