/** The reader's conversations, as the sidecar lists them: newest first. */

import type { Assistant } from "./assistant";
import type { Listing, ThreadSummary } from "./protocol";

const PAGE = 30;

/** What of the reader's threads is wanted: all, or those asked on a page; `after` is the cursor of the next ones. */
export interface ThreadQuery {
  path?: string | null;
  after?: string | null;
  limit?: number;
}

/** What the list asks of the sidecar; each of them may fail. */
export interface ThreadActions {
  list(query: ThreadQuery): Promise<Listing<ThreadSummary>>;
  rename(threadId: string, title: string): Promise<void>;
  delete(threadId: string): Promise<void>;
  /** Delete all of them. */
  deleteAll(): Promise<void>;
}

/** Load a page of the reader's threads. */
export function listThreads(assistant: Assistant, query: ThreadQuery): Promise<Listing<ThreadSummary>> {
  const { path = null, after = null, limit = PAGE } = query;
  const params = { limit, order: "desc" as const, ...(after === null ? {} : { after }) };
  return assistant.call({ type: "threads.list", params, ...(path === null ? {} : { metadata: { path } }) });
}

/** Give a thread another title, which must not be empty. */
export async function renameThread(assistant: Assistant, threadId: string, title: string): Promise<void> {
  await assistant.call({ type: "threads.update", params: { thread_id: threadId, title } });
}

/** Delete a thread and all that was said in it. */
export async function deleteThread(assistant: Assistant, threadId: string): Promise<void> {
  await assistant.call({ type: "threads.delete", params: { thread_id: threadId } });
}

/** Return the threads whose title holds every word of `words`, whatever the case. */
export function matchTitles(threads: readonly ThreadSummary[], words: string): readonly ThreadSummary[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return threads.filter(({ title = "" }) => wanted.every((word) => title.toLocaleLowerCase().includes(word)));
}
