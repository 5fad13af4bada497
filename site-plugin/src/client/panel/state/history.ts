/** The conversation of this tab, as the server keeps it. */

import { report } from "../../site/report";
import { loadValue, saveValue } from "../../site/storage";
import type { Assistant } from "../api/assistant";
import { failureOf } from "../api/failure";
import type { Item, Listing, UserMessage } from "../api/protocol";
import { listThreads } from "../api/threads";
import type { PanelStore } from "./store";
import { EMPTY_THREAD } from "./thread";

const PAGE = 50;
const KEY = "booklight:thread";
/** What the newest item is when its question has been answered, in whole or in part. */
const ANSWERED = new Set<Item["type"] | undefined>(["assistant_message", "end_of_turn"]);

/** Load the end of this tab's conversation; false if there is none, or if the reader has begun another. */
export async function loadThread(assistant: Assistant, store: PanelStore): Promise<boolean> {
  const id = loadValue(() => sessionStorage, KEY);
  const untouched = () => store.read().thread === EMPTY_THREAD && loadValue(() => sessionStorage, KEY) === id;
  if (id === null || !untouched()) return false;
  try {
    const listing = await listItems(assistant, id, PAGE);
    if (untouched()) store.dispatch({ type: "loaded", threadId: id, listing });
    return store.read().thread.id === id;
  } catch (error) {
    if (failureOf(error).kind === "lost") saveThreadId(null);
    else report("conversations did not load", error);
    return false;
  }
}

/** Load the end of another conversation, unless the reader has left it again. Throws an AssistantError. */
export async function openThread(assistant: Assistant, store: PanelStore, threadId: string): Promise<void> {
  const listing = await listItems(assistant, threadId, PAGE);
  if (store.read().thread.id === threadId) store.dispatch({ type: "loaded", threadId, listing });
}

/** Show the answer that was finished while its stream was broken; false if there is none. */
export async function showAnswer(assistant: Assistant, store: PanelStore, threadId: string): Promise<boolean> {
  try {
    const listing = await listItems(assistant, threadId, PAGE);
    const finished = store.read().thread.id === threadId && ANSWERED.has(listing.data[0]?.type);
    if (finished) store.dispatch({ type: "loaded", threadId, listing });
    return finished;
  } catch (error) {
    report("conversations did not load", error);
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
  if (question === null) return null;
  if (thread.id === null) return adoptThread(assistant, store, question.text);
  // What was found for a question is stored behind it.
  const { data } = await listItems(assistant, thread.id, 2);
  const last = data.find((item) => item.type !== "task");
  return last?.type === "user_message" && last.id !== shown?.id && textOf(last) === question.text ? last : null;
}

/**
 * Return the question from the thread that it began, if the server has it after all, and make that thread this one.
 *
 * A first question may arrive although nothing came back. It then is the only one of the reader's newest thread.
 */
async function adoptThread(assistant: Assistant, store: PanelStore, text: string): Promise<UserMessage | null> {
  if (!assistant.knowsReader()) return null;
  const newest = (await listThreads(assistant, { limit: 1 })).data[0];
  if (!newest) return null;
  const listing = await listItems(assistant, newest.id, PAGE);
  const questions = listing.data.filter((item) => item.type === "user_message");
  const [first] = questions;
  if (!first || questions.length > 1 || listing.has_more || textOf(first) !== text) return null;
  store.dispatch({ type: "loaded", threadId: newest.id, listing });
  return first;
}

/** Return the text of a reader's message as they wrote it. */
export function textOf(message: UserMessage): string {
  return message.content.map((part) => part.text).join("");
}

function listItems(assistant: Assistant, threadId: string, limit: number, after?: string): Promise<Listing<Item>> {
  const params = { thread_id: threadId, limit, order: "desc" as const, ...(after === undefined ? {} : { after }) };
  return assistant.call({ type: "items.list", params });
}

/** Keep the thread's id for this tab. */
export function saveThreadId(id: string | null): void {
  saveValue(() => sessionStorage, KEY, id);
}
