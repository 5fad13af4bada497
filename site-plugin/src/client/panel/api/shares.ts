/** Shared answers, as the sidecar keeps and shows them. */

import type { Assistant } from "./assistant";
import type { AnswerPart, AssistantMessage } from "./protocol";

/** How many links to an answer hold, and until when the last of them does. */
export interface ShareState {
  links: number;
  expires_at: string | null;
}

/** A link, by which whoever has it reads an answer until it expires. */
export interface ShareLink {
  url: string;
  expiresAt: string;
}

/** What a link shows. `notices` are said of the answer, and `cut` says that it ended early. */
export interface SharedAnswer {
  question: string;
  quoted_text?: string;
  content: readonly AnswerPart[];
  notices: readonly string[];
  cut: boolean;
}

/** Return how an answer of the reader's is shared. */
export function loadShareState(assistant: Assistant, item: AssistantMessage): Promise<ShareState> {
  return assistant.send("shares", addressOf(item));
}

/** Make a link to an answer of the reader's. */
export async function makeLink(assistant: Assistant, item: AssistantMessage): Promise<ShareLink> {
  const made = await assistant.send<{ id: string; expires_at: string }>("share", addressOf(item));
  return { url: assistant.addressOf(`shared/${made.id}`), expiresAt: made.expires_at };
}

/** End all links to an answer of the reader's. */
export async function endLinks(assistant: Assistant, item: AssistantMessage): Promise<void> {
  await assistant.send("unshare", addressOf(item));
}

/** Load what a link shows. */
export function loadShared(assistant: Assistant, shareId: string): Promise<SharedAnswer> {
  return assistant.read(`shared/${encodeURIComponent(shareId)}.json`);
}

function addressOf({ thread_id, id }: AssistantMessage) {
  return { thread_id, item_id: id };
}
