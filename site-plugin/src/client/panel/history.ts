/** The conversation of this tab, as the server keeps it. */

import { loadValue, saveValue } from "../storage";
import type { Assistant } from "./chatkit";
import { failureOf } from "./failure";
import type { Item, Listing, UserMessage } from "./protocol";
import type { PanelStore } from "./store";
import { EMPTY_THREAD } from "./thread";

const PAGE = 50;
const KEY = "booklight:thread";

/** Keep the thread's id for this tab whenever it changes. */
export function rememberThread(store: PanelStore): void {
  let known = store.read().thread.id;
  store.subscribe(() => {
    const { id } = store.read().thread;
    if (id !== known) saveThreadId(id);
    known = id;
  });
}

/** Load the end of this tab's conversation; false if there is none, or if the reader has begun another. */
export async function loadThread(assistant: Assistant, store: PanelStore): Promise<boolean> {
  const id = loadValue(() => sessionStorage, KEY);
  const untouched = () => store.read().thread === EMPTY_THREAD;
  if (id === null || !untouched()) return false;
  try {
    const listing = await listItems(assistant, id, PAGE);
    if (untouched()) store.dispatch({ type: "loaded", threadId: id, listing });
    return store.read().thread.id === id;
  } catch (error) {
    if (failureOf(error).kind === "lost") saveThreadId(null);
    return false;
  }
}

/** Load the messages before the first one shown. */
export async function loadOlder(assistant: Assistant, store: PanelStore): Promise<void> {
  const { thread, older } = store.read();
  if (thread.id === null || older === null) return;
  store.dispatch({ type: "loaded-older", listing: await listItems(assistant, thread.id, PAGE, older) });
}

/**
 * Return the server's copy of the last question, or null if it never arrived.
 *
 * When the stream broke before the server confirmed the question, only the server knows whether it has it.
 */
export async function storedQuestion(assistant: Assistant, store: PanelStore): Promise<UserMessage | null> {
  const { thread, question } = store.read();
  const shown = thread.items.findLast((item) => item.type === "user_message");
  if (shown && (question === null || shown.id === thread.asked)) return shown;
  if (thread.id === null || question === null) return null;
  const { data } = await listItems(assistant, thread.id, 1);
  const last = data[0];
  return last?.type === "user_message" && last.id !== shown?.id && textOf(last) === question.text ? last : null;
}

/** Return the text of a reader's message as they wrote it. */
export function textOf(message: UserMessage): string {
  return message.content.map((part) => part.text).join("");
}

function listItems(assistant: Assistant, threadId: string, limit: number, after?: string): Promise<Listing<Item>> {
  const params = { thread_id: threadId, limit, order: "desc" as const, ...(after === undefined ? {} : { after }) };
  return assistant.call({ type: "items.list", params });
}

function saveThreadId(id: string | null): void {
  saveValue(() => sessionStorage, KEY, id);
}
