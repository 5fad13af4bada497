/** Items and events as a sidecar sends them. */

import type { AssistantMessage, EarlyEnd, Item, ThreadEvent, UserMessage } from "../client/panel/api/protocol";

const base = { thread_id: "thr_1", created_at: "2026-11-12T10:00:00Z" };

export function userMessage(id: string, text: string): UserMessage {
  return { ...base, id, type: "user_message", content: [{ type: "input_text", text }] };
}

export function answer(id: string, text: string): AssistantMessage {
  return { ...base, id, type: "assistant_message", content: [{ type: "output_text", text, annotations: [] }] };
}

/** What the server puts behind an answer that it could not finish. */
export function earlyEnd(id: string): EarlyEnd {
  return { ...base, id, type: "end_of_turn" };
}

export const created: ThreadEvent = { type: "thread.created", thread: { id: "thr_1" } };
export const asked: ThreadEvent = done(userMessage("msg_1", "Why?"));

export function done(item: Item): ThreadEvent {
  return { type: "thread.item.done", item };
}

export function delta(itemId: string, text: string): ThreadEvent {
  const update = { type: "assistant_message.content_part.text_delta" as const, content_index: 0, delta: text };
  return { type: "thread.item.updated", item_id: itemId, update };
}

export function cited(itemId: string, place: number, index: number, url: string): ThreadEvent {
  const annotation = { type: "annotation" as const, index, source: { type: "url" as const, title: url, url } };
  const update = {
    type: "assistant_message.content_part.annotation_added" as const,
    content_index: 0,
    annotation_index: place,
    annotation,
  };
  return { type: "thread.item.updated", item_id: itemId, update };
}

/** The beginning of an answer: added, with one empty part. */
export function begun(itemId: string): ThreadEvent[] {
  const item: AssistantMessage = { ...base, id: itemId, type: "assistant_message", content: [] };
  const content = { type: "output_text" as const, text: "", annotations: [] };
  const update = { type: "assistant_message.content_part.added" as const, content_index: 0, content };
  return [
    { type: "thread.item.added", item },
    { type: "thread.item.updated", item_id: itemId, update },
  ];
}

/** A whole turn: the question, a search, an answer in two pieces with one citation. */
export const WHOLE_TURN: readonly ThreadEvent[] = [
  created,
  asked,
  { type: "stream_options", stream_options: { allow_cancel: true } },
  { type: "progress_update", text: "Searching the book for “Why?”" },
  ...begun("msg_2"),
  delta("msg_2", "Because"),
  delta("msg_2", " of it."),
  cited("msg_2", 0, 7, "https://book.example/docs/why#because"),
  {
    type: "thread.item.updated",
    item_id: "msg_2",
    update: {
      type: "assistant_message.content_part.done",
      content_index: 0,
      content: { type: "output_text", text: "Because of it.", annotations: [] },
    },
  },
];
