/** What a reader can do in a conversation: the verbs behind the panel's buttons. */

import { report } from "../../site/report";
import type { Assistant } from "../api/assistant";
import { failureOf } from "../api/failure";
import type { Feedback, MessageInput, RequestMetadata, UserMessage } from "../api/protocol";
import type { ThreadActions } from "../api/threads";
import { deleteThread, listThreads, renameThread } from "../api/threads";
import { rememberSelections } from "./asked-about";
import { loadOlder, loadThread, openThread, saveThreadId, storedQuestion, textOf } from "./history";
import { followTurns } from "./running";
import type { Question } from "./state";
import { type PanelStore, watch } from "./store";

/** Nothing here throws: what goes wrong is told in the store. */
export interface Conversation {
  ask(question: Question): Promise<void>;
  /** End the answer that is being written, and keep what there is of it. */
  stop(): Promise<void>;
  /** Ask the last question once more without storing it twice; `metadata` is for one that was asked elsewhere. */
  retry(metadata: RequestMetadata): Promise<void>;
  /** Load this tab's conversation, go on with its unfinished answer, and see how the index stands. */
  resume(): Promise<void>;
  loadOlder(): Promise<void>;
  startNew(): void;
  /** What can be done with the reader's conversations as a list; unlike the rest, these fail with an AssistantError. */
  threads: ThreadActions;
  /** Whether there can be earlier conversations. */
  knowsReader(): boolean;
  /** Show another conversation of the reader's, and go on with its unfinished answer. */
  open(threadId: string): Promise<void>;
  /** Tell the operator what the reader thinks of an answer; `reason` is in their own words. */
  rate(itemId: string, kind: Feedback, reason?: string): Promise<void>;
  /** The client of the sidecar, for parts of the panel that are loaded alone. */
  assistant: Assistant;
}

/**
 * Return the conversation of this tab with `assistant`, kept in `store`. `onChange` is called when a turn has ended and
 * when conversations were deleted, with whether there may be any; and, "asked", when the sidecar has kept a question.
 */
export function openConversation(
  assistant: Assistant,
  store: PanelStore,
  onChange: (any: boolean, why?: "asked") => void = () => undefined,
): Conversation {
  const turn = followTurns(assistant, store, () => {
    if (store.read().thread.id !== null) onChange(true);
    return loadIndex(assistant, store);
  });
  watch(store, ({ thread }) => thread.id, saveThreadId);
  watch(
    store,
    ({ thread }) => thread.asked,
    (id, { question }) => {
      if (!id) return;
      rememberSelections(id, question);
      onChange(true, "asked");
    },
  );

  function ask(question: Question): Promise<void> {
    store.dispatch({ type: "asked", question });
    const { id } = store.read().thread;
    const { metadata } = question;
    const input = inputOf(question);
    return id === null
      ? turn.run({ type: "threads.create", params: { input }, metadata })
      : turn.run({ type: "threads.add_user_message", params: { thread_id: id, input }, metadata });
  }

  function askAgain(threadId: string, itemId: string, question: Question): Promise<void> {
    store.dispatch({ type: "retried", itemId, question });
    const params = { thread_id: threadId, item_id: itemId };
    return turn.run({ type: "threads.retry_after_item", params, metadata: question.metadata });
  }

  async function retry(metadata: RequestMetadata): Promise<void> {
    const { question } = store.read();
    const stored = await storedQuestion(assistant, store);
    const { id } = store.read().thread;
    if (id && stored) return askAgain(id, stored.id, question ?? questionOf(stored, metadata));
    if (question) return ask(question);
    return id === null ? startNew() : show(id);
  }

  async function resume(): Promise<void> {
    const index = loadIndex(assistant, store);
    if (await loadThread(assistant, store)) await takeUp();
    await index;
  }

  /** Go on with the answer to a question that has none yet, but perhaps what was found for it. */
  async function takeUp(): Promise<void> {
    const { id, items } = store.read().thread;
    const last = items.findLast((item) => item.type !== "task");
    if (id === null || last?.type !== "user_message") return;
    store.dispatch({ type: "resumed", itemId: last.id });
    await turn.takeUp(id);
  }

  async function open(threadId: string): Promise<void> {
    if (store.read().thread.id === threadId) return;
    turn.leave();
    store.dispatch({ type: "loaded", threadId, listing: { data: [], has_more: false } });
    await show(threadId);
  }

  async function show(threadId: string): Promise<void> {
    await openThread(assistant, store, threadId);
    await takeUp();
  }

  function startNew(): void {
    turn.leave();
    saveThreadId(null);
    store.dispatch({ type: "cleared" });
  }

  async function rate(itemId: string, kind: Feedback, reason = ""): Promise<void> {
    const { id } = store.read().thread;
    if (id === null) return;
    const params = { thread_id: id, item_ids: [itemId], kind };
    await assistant.call({ type: "items.feedback", params, ...(reason && { metadata: { reason } }) });
    store.dispatch({ type: "rated", itemId, kind });
  }

  const threads: ThreadActions = {
    list: (query) => listThreads(assistant, query),
    rename: (threadId, title) => renameThread(assistant, threadId, title),
    delete: (threadId) => deleteThread(assistant, threadId).then(() => onChange(true)),
    deleteAll: () => assistant.send<unknown>("forget").then(() => onChange(false)),
  };
  const tell = (error: unknown) => store.dispatch({ type: "failed", failure: failureOf(error) });
  const leaveAsIs = (error: unknown) => report("older messages or a rating did not get through", error);
  return {
    assistant,
    ask,
    threads,
    knowsReader: assistant.knowsReader,
    stop: turn.stop,
    resume,
    retry: (metadata) => retry(metadata).catch(tell),
    loadOlder: () => loadOlder(assistant, store).catch(leaveAsIs),
    open: (threadId) => open(threadId).catch(tell),
    rate: (itemId, kind, reason) => rate(itemId, kind, reason).catch(leaveAsIs),
    startNew,
  };
}

function inputOf(question: Question): MessageInput {
  return {
    content: [{ type: "input_text", text: question.text }],
    attachments: [],
    ...(question.quote === null ? {} : { quoted_text: question.quote }),
    inference_options: {},
  };
}

function questionOf(message: UserMessage, metadata: RequestMetadata): Question {
  return { text: textOf(message), quote: message.quoted_text ?? null, metadata };
}

async function loadIndex(assistant: Assistant, store: PanelStore): Promise<void> {
  try {
    store.dispatch({ type: "index", index: { status: "ready", index: await assistant.read("index") } });
  } catch (error) {
    const failure = failureOf(error);
    const missing = failure.kind === "unready";
    const index = missing
      ? { status: "missing" as const, message: failure.message }
      : { status: "unreachable" as const };
    store.dispatch({ type: "index", index });
  }
}
