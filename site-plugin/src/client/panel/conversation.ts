/** What a reader can do in a conversation: the verbs behind the panel's buttons. */

import type { Assistant } from "./chatkit";
import { failureOf } from "./failure";
import { loadOlder, loadThread, rememberThread, storedQuestion, textOf } from "./history";
import type { Feedback, MessageInput, RequestMetadata, UserMessage } from "./protocol";
import { followTurns } from "./running";
import type { Question } from "./state";
import type { PanelStore } from "./store";

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
  rate(itemId: string, kind: Feedback): Promise<void>;
}

/** Return the conversation of this tab with `assistant`, kept in `store`. */
export function openConversation(assistant: Assistant, store: PanelStore): Conversation {
  const turn = followTurns(assistant, store);
  rememberThread(store);

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
    const { thread, question } = store.read();
    const stored = await storedQuestion(assistant, store);
    if (thread.id && stored) return askAgain(thread.id, stored.id, question ?? questionOf(stored, metadata));
    if (question) return ask(question);
  }

  async function resume(): Promise<void> {
    const index = loadIndex(assistant, store);
    if (await loadThread(assistant, store)) {
      const { id, items } = store.read().thread;
      const last = items.at(-1);
      if (id !== null && last?.type === "user_message") {
        store.dispatch({ type: "resumed", itemId: last.id });
        await turn.takeUp(id);
      }
    }
    await index;
  }

  async function rate(itemId: string, kind: Feedback): Promise<void> {
    const { id } = store.read().thread;
    if (id === null) return;
    await assistant.call({ type: "items.feedback", params: { thread_id: id, item_ids: [itemId], kind } });
    store.dispatch({ type: "rated", itemId, kind });
  }

  const tell = (error: unknown) => store.dispatch({ type: "failed", failure: failureOf(error) });
  const leaveAsIs = () => undefined;
  return {
    ask,
    stop: turn.stop,
    resume,
    retry: (metadata) => retry(metadata).catch(tell),
    loadOlder: () => loadOlder(assistant, store).catch(leaveAsIs),
    rate: (itemId, kind) => rate(itemId, kind).catch(leaveAsIs),
    startNew() {
      turn.leave();
      store.dispatch({ type: "cleared" });
    },
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
    store.dispatch({ type: "index", index: { status: "ready", index: await assistant.readIndex() } });
  } catch (error) {
    const failure = failureOf(error);
    const missing = failure.kind === "unready";
    const index = missing
      ? { status: "missing" as const, message: failure.message }
      : { status: "unreachable" as const };
    store.dispatch({ type: "index", index });
  }
}
