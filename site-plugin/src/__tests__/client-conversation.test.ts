// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Assistant } from "../client/panel/api/assistant";
import { AssistantError, type Failure } from "../client/panel/api/failure";
import type { Item, PlainRequest, StreamingRequest, ThreadEvent } from "../client/panel/api/protocol";
import { openConversation } from "../client/panel/state/conversation";
import type { Question } from "../client/panel/state/state";
import { createStore } from "../client/panel/state/store";
import { endsEarly, isUnfinished } from "../client/panel/state/thread";
import { answer, asked, begun, created, delta, done, earlyEnd, userMessage } from "./client-fixtures";

const question: Question = {
  text: "Why?",
  quote: null,
  metadata: { page_context: { path: "/a", current_chapter: 1, current_lesson: "a", locale: "en" }, scope: "full_book" },
};
const ANSWERED = [created, asked, ...begun("msg_2"), delta("msg_2", "So."), done(answer("msg_2", "So."))];
const NOT_RUNNING = new AssistantError({ kind: "lost" });

/** What the sidecar does with the next stream: its events, then an error if there is one. */
interface Script {
  events?: readonly ThreadEvent[];
  error?: AssistantError;
}

/** A sidecar that plays `scripts` in order and holds `items`, newest first. */
function scripted(scripts: Script[], items: Item[] | Failure = []) {
  const requests: (StreamingRequest | PlainRequest)[] = [];
  const stops: string[] = [];
  const assistant: Assistant = {
    knowsReader: () => true,
    async *stream(request) {
      requests.push(request);
      const script = scripts.shift() ?? {};
      yield* script.events ?? [];
      if (script.error) throw script.error;
    },
    async call<T>(request: PlainRequest) {
      requests.push(request);
      if (!Array.isArray(items)) throw new AssistantError(items);
      return { data: items, has_more: false } as T;
    },
    async stop(threadId) {
      stops.push(threadId);
    },
    send: vi.fn().mockResolvedValue({}),
    async read() {
      throw new AssistantError({ kind: "unready", message: "Run `booklight index`." });
    },
    addressOf: (path) => path,
  };
  const store = createStore();
  return { assistant, conversation: openConversation(assistant, store), store, requests, stops };
}

let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

it("begins a thread with the first question and adds the next to it", async () => {
  const { conversation, store, requests } = scripted([{ events: ANSWERED }, { events: ANSWERED }]);
  await conversation.ask(question);
  expect(store.read().thread.turn.phase).toBe("idle");
  await conversation.ask(question);
  expect(requests[0]).toMatchObject({ type: "threads.create", metadata: question.metadata });
  expect(requests[1]).toMatchObject({ type: "threads.add_user_message", params: { thread_id: "thr_1" } });
});

it("sends the selection as the quotation, and no quotation without one", async () => {
  const { conversation, requests } = scripted([{ events: ANSWERED }, { events: ANSWERED }]);
  await conversation.ask({ ...question, quote: "one" });
  await conversation.ask(question);
  expect(requests[0]).toMatchObject({ params: { input: { quoted_text: "one" } } });
  expect(JSON.stringify(requests[1])).not.toContain("quoted_text");
});

it("takes a broken stream up where it broke", async () => {
  const rest = ANSWERED.slice(3);
  const { conversation, store, requests } = scripted([{ events: ANSWERED.slice(0, 3) }, { events: rest }]);
  await conversation.ask(question);
  expect(requests[1]).toMatchObject({ params: { action: { type: "booklight.resume", payload: { after: 3 } } } });
  expect(store.read().thread.turn.phase).toBe("idle");
});

it("says that an answer broke off when it cannot be taken up", async () => {
  const { conversation, store } = scripted([{ events: ANSWERED.slice(0, 4) }, { error: NOT_RUNNING }]);
  await conversation.ask(question);
  expect(store.read().thread.turn).toEqual({ phase: "failed", failure: { kind: "cut" } });
});

it("tries a question again that the server has, without sending it twice", async () => {
  const cut = [{ events: ANSWERED.slice(0, 4) }, { error: NOT_RUNNING }];
  const { conversation, store, requests } = scripted([...cut, { events: ANSWERED.slice(2) }]);
  await conversation.ask(question);
  await conversation.retry(question.metadata);
  expect(requests.at(-1)).toMatchObject({
    type: "threads.retry_after_item",
    params: { thread_id: "thr_1", item_id: "msg_1" },
    metadata: question.metadata,
  });
  expect(store.read().thread.items.map((item) => item.id)).toEqual(["msg_1", "msg_2"]);
});

it("sends a question again that never arrived", async () => {
  const offline = new AssistantError({ kind: "offline" });
  const { conversation, requests } = scripted([{ error: offline }, { events: ANSWERED }]);
  await conversation.ask(question);
  await conversation.retry(question.metadata);
  expect(requests.map(({ type }) => type)).toEqual(["threads.create", "threads.list", "threads.create"]);
});

it("asks the server whether it has a question whose confirmation was lost", async () => {
  const scripts = [{ events: [created] }, { error: NOT_RUNNING }, { events: ANSWERED.slice(1) }];
  const { conversation, requests } = scripted(scripts, [userMessage("msg_1", "Why?")]);
  await conversation.ask(question);
  await conversation.retry(question.metadata);
  expect(requests.map(({ type }) => type)).toEqual([
    "threads.create",
    "threads.custom_action",
    "items.list",
    "items.list",
    "threads.retry_after_item",
  ]);
});

/** A sidecar with one thread, `thr_1`, that holds `items`, newest first. */
function holding(scripts: Script[], items: Item[]) {
  const made = scripted(scripts);
  made.assistant.call = async <T>(request: PlainRequest) => {
    made.requests.push(request);
    const data = request.type === "threads.list" ? [{ id: "thr_1", created_at: "" }] : items;
    return { data, has_more: false } as T;
  };
  return made;
}

it("finds a first question that arrived although nothing came back, and asks it in its thread", async () => {
  const slow = new AssistantError({ kind: "slow" });
  const { conversation, requests } = holding([{ error: slow }, { events: ANSWERED }], [userMessage("msg_1", "Why?")]);
  await conversation.ask(question);
  await conversation.retry(question.metadata);
  expect(requests.at(-1)).toMatchObject({
    type: "threads.retry_after_item",
    params: { thread_id: "thr_1", item_id: "msg_1" },
  });
});

it.each([
  ["another question", [userMessage("msg_1", "How?")]],
  ["a longer conversation", [userMessage("msg_3", "Why?"), answer("msg_2", "So."), userMessage("msg_1", "Why?")]],
])("takes %s for what it is, and asks anew", async (_, items) => {
  const slow = new AssistantError({ kind: "slow" });
  const { conversation, requests } = holding([{ error: slow }, { events: ANSWERED }], items);
  await conversation.ask(question);
  await conversation.retry(question.metadata);
  expect(requests.at(-1)?.type).toBe("threads.create");
});

it("takes a dropped connection up again as soon as there is one", async () => {
  const offline = { error: new AssistantError({ kind: "offline" as const }) };
  const dropped = { events: ANSWERED.slice(0, 4), error: new AssistantError({ kind: "cut" as const }) };
  const { conversation, store, requests } = scripted([dropped, offline, { events: ANSWERED.slice(4) }]);
  const asking = conversation.ask(question);
  await vi.waitFor(() => expect(store.read().thread.turn).toMatchObject({ reconnecting: true }));
  dispatchEvent(new Event("online"));
  await asking;
  expect(requests.at(-1)).toMatchObject({ params: { action: { type: "booklight.resume", payload: { after: 4 } } } });
  expect(store.read().thread.turn.phase).toBe("idle");
  expect(store.read().thread.items.map((item) => item.id)).toEqual(["msg_1", "msg_2"]);
});

it("gives up on a connection that does not come back, and says that the answer broke off", async () => {
  vi.useFakeTimers();
  const dropped = { events: ANSWERED.slice(0, 4), error: new AssistantError({ kind: "cut" as const }) };
  const offline = { error: new AssistantError({ kind: "offline" as const }) };
  const { conversation, store } = scripted([dropped, ...Array(5).fill(offline)], { kind: "offline" });
  const asking = conversation.ask(question);
  await vi.runAllTimersAsync();
  await asking;
  vi.useRealTimers();
  expect(store.read().thread.turn).toEqual({ phase: "failed", failure: { kind: "cut" } });
});

it("shows an answer that was finished while the connection was gone", async () => {
  const dropped = { events: ANSWERED.slice(0, 4), error: new AssistantError({ kind: "cut" as const }) };
  const items = [answer("msg_2", "So."), userMessage("msg_1", "Why?")];
  const { conversation, store } = scripted([dropped, { error: NOT_RUNNING }], items);
  await conversation.ask(question);
  expect(store.read().thread.turn.phase).toBe("idle");
  expect(store.read().thread.items).toEqual([...items].reverse());
});

it("opens another conversation, and goes on with its unfinished answer", async () => {
  const { conversation, store, requests } = scripted([{ events: ANSWERED }], [userMessage("msg_1", "Why?")]);
  await conversation.open("thr_1");
  expect(requests.map(({ type }) => type)).toEqual(["items.list", "threads.custom_action"]);
  expect(kept.get("booklight:thread")).toBe("thr_1");
  expect(store.read().thread.turn.phase).toBe("idle");
});

it("says when a conversation cannot be opened, and opens it at another try", async () => {
  const { conversation, store, assistant } = scripted([], { kind: "offline" });
  await conversation.open("thr_1");
  expect(store.read().thread.turn).toEqual({ phase: "failed", failure: { kind: "offline" } });
  assistant.call = async <T>() => ({ data: [answer("msg_2", "So.")], has_more: false }) as T;
  await conversation.retry(question.metadata);
  expect(store.read().thread.items).toHaveLength(1);
});

it("asks nothing of the conversation before once another is open", async () => {
  const items = [answer("msg_4", "So."), userMessage("msg_3", "How?")];
  const { conversation, requests } = scripted([{ events: ANSWERED }, { events: ANSWERED }], items);
  await conversation.ask(question);
  await conversation.open("thr_2");
  await conversation.retry(question.metadata);
  expect(requests.at(-1)).toMatchObject({ params: { thread_id: "thr_2", item_id: "msg_3" } });
});

it("sends a reason with a rating, and keeps the rating", async () => {
  const { conversation, store, requests } = scripted([{ events: ANSWERED }]);
  await conversation.ask(question);
  await conversation.rate("msg_2", "negative");
  await conversation.rate("msg_2", "negative", "Too short.");
  expect(requests.slice(1)).toEqual([
    { type: "items.feedback", params: { thread_id: "thr_1", item_ids: ["msg_2"], kind: "negative" } },
    {
      type: "items.feedback",
      params: { thread_id: "thr_1", item_ids: ["msg_2"], kind: "negative" },
      metadata: { reason: "Too short." },
    },
  ]);
  expect(store.read().ratings).toEqual({ msg_2: "negative" });
});

it("stops the turn on the server and keeps what was said", async () => {
  const { conversation, store, stops } = scripted([{ events: ANSWERED.slice(0, 5) }, { error: NOT_RUNNING }]);
  await conversation.ask(question);
  await conversation.stop();
  expect(stops).toEqual(["thr_1"]);
  expect(store.read().thread.turn.phase).toBe("stopped");
  expect(store.read().thread.items).toHaveLength(2);
});

it("shows the conversation of this tab again", async () => {
  kept.set("booklight:thread", "thr_1");
  const { conversation, store } = scripted([], [answer("msg_2", "So."), userMessage("msg_1", "Why?")]);
  await conversation.resume();
  expect(store.read().thread).toMatchObject({ id: "thr_1", turn: { phase: "idle" } });
  expect(store.read().index).toEqual({ status: "missing", message: "Run `booklight index`." });
});

it("sees after each answer how the index stands", async () => {
  const { conversation, store, assistant } = scripted([{ events: ANSWERED }]);
  await conversation.resume();
  const rebuilt = { commit: null, built_at: "2026-11-20", pages: 2, chunks: 9, model: "m", title: "Bees" };
  assistant.read = async <T>() => rebuilt as T;
  await conversation.ask(question);
  expect(store.read().index).toEqual({ status: "ready", index: rebuilt });
});

it("shows an answer that was cut off while nobody listened as what it is", async () => {
  const items = [earlyEnd("end_msg_2"), answer("msg_2", "So"), userMessage("msg_1", "Why?")];
  const { conversation, store } = scripted([{ events: ANSWERED.slice(0, 4) }, { error: NOT_RUNNING }], items);
  await conversation.ask(question);
  expect(store.read().thread.turn.phase).toBe("idle");
  expect(endsEarly(store.read().thread)).toBe(true);
});

it("goes on with an answer that was being written when the page was left", async () => {
  kept.set("booklight:thread", "thr_1");
  const { conversation, store, requests } = scripted([{ events: ANSWERED }], [userMessage("msg_1", "Why?")]);
  await conversation.resume();
  expect(requests.at(-1)).toMatchObject({ params: { action: { type: "booklight.resume", payload: { after: 0 } } } });
  expect(store.read().thread.items.map((item) => item.id)).toEqual(["msg_1", "msg_2"]);
  expect(store.read().thread.turn.phase).toBe("idle");
});

it("goes on with an answer that another worker writes, which begins with the message as it stands", async () => {
  const options = { type: "stream_options" as const, stream_options: { allow_cancel: true } };
  const sofar = { type: "thread.item.added" as const, item: answer("msg_2", "So") };
  const elsewhere = [options, asked, sofar, delta("msg_2", "."), done(answer("msg_2", "So."))];
  const dropped = { events: ANSWERED.slice(0, 5), error: new AssistantError({ kind: "cut" as const }) };
  const { conversation, store } = scripted([dropped, { events: elsewhere }]);
  await conversation.ask(question);
  expect(store.read().thread.items).toEqual([userMessage("msg_1", "Why?"), answer("msg_2", "So.")]);
  expect(store.read().thread.turn.phase).toBe("idle");
});

it("does not bring back a conversation that was left while it was loading", async () => {
  kept.set("booklight:thread", "thr_1");
  const { conversation, store } = scripted([], [answer("msg_2", "So."), userMessage("msg_1", "Why?")]);
  const resumed = conversation.resume();
  conversation.startNew();
  await resumed;
  expect(store.read().thread.items).toEqual([]);
});

it("forgets a conversation that is gone, but not one that cannot be reached", async () => {
  kept.set("booklight:thread", "thr_1");
  await scripted([], { kind: "offline" }).conversation.resume();
  expect(kept.get("booklight:thread")).toBe("thr_1");
  await scripted([], { kind: "lost" }).conversation.resume();
  expect(kept.has("booklight:thread")).toBe(false);
});

it("begins anew", async () => {
  const { conversation, store } = scripted([{ events: ANSWERED }]);
  await conversation.ask(question);
  expect(kept.get("booklight:thread")).toBe("thr_1");
  conversation.startNew();
  expect(store.read().thread.items).toEqual([]);
  expect(kept.has("booklight:thread")).toBe(false);
});

it("tells after each answer and each deletion whether there may be conversations", async () => {
  const { assistant, store } = scripted([{ error: NOT_RUNNING }, { events: ANSWERED }]);
  const onChange = vi.fn();
  const conversation = openConversation(assistant, store, onChange);
  await conversation.ask(question);
  expect(onChange).not.toHaveBeenCalled();
  await conversation.ask(question);
  await conversation.threads.delete("thr_1");
  await conversation.threads.deleteAll();
  expect(onChange.mock.calls).toEqual([[true, "asked"], [true], [true], [false]]);
});

it("tells that a question is kept before its turn has ended, and once", async () => {
  const told: string[] = [];
  const { assistant, store } = scripted([{ events: ANSWERED }]);
  store.subscribe(() => told.push(isUnfinished(store.read().thread) ? "unfinished" : "finished"));
  const conversation = openConversation(assistant, store, (_any, why) => told.push(why ?? "ended"));
  await conversation.ask(question);
  expect(told.indexOf("asked")).toBeLessThan(told.indexOf("finished"));
  expect(told.filter((each) => each === "asked" || each === "ended")).toEqual(["asked", "ended"]);
});
