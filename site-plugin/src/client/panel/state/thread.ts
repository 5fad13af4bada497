/** A thread as the panel knows it, and what each event of the protocol does to it. Pure. */

import type { Suggestion } from "../../site/page";
import type { Failure } from "../api/failure";
import type { AnswerPart, AssistantMessage, Item, ItemUpdate, Notice, ThreadEvent } from "../api/protocol";

const FOLLOW_UPS = "booklight.follow_ups";

/**
 * Where the turn stands. `open` is the answer being written; `answered` says that one was finished; `reconnecting`
 * that its stream broke and is being taken up again.
 */
export type Turn =
  | { phase: "idle" | "stopped" }
  | { phase: "running"; progress: string | null; open: string | null; answered: boolean; reconnecting: boolean }
  | { phase: "failed"; failure: Failure };

/** `items` are oldest first. `asked` is the id of the question this turn answers, null until the server confirms it. */
export interface Thread {
  id: string | null;
  items: readonly Item[];
  turn: Turn;
  asked: string | null;
  followUps: readonly Suggestion[];
  notices: readonly Notice[];
}

/** A conversation in which nothing has been said. */
export const EMPTY_THREAD: Thread = {
  id: null,
  items: [],
  turn: { phase: "idle" },
  asked: null,
  followUps: [],
  notices: [],
};

/** Return the thread with a turn begun; whatever the turn before left behind is gone. */
export function beginTurn(thread: Thread, asked: string | null): Thread {
  const turn: Turn = { phase: "running", progress: null, open: null, answered: false, reconnecting: false };
  return { ...thread, turn, asked, followUps: [], notices: [] };
}

/** Return the thread without the items behind `itemId`, as the server leaves it when that item is tried again. */
export function truncateAfter(thread: Thread, itemId: string): Thread {
  const place = thread.items.findIndex((item) => item.id === itemId);
  return place < 0 ? thread : { ...thread, items: thread.items.slice(0, place + 1) };
}

/** Whether the turn still owes an answer: the stream that ends now was cut. */
export function isUnfinished({ turn }: Thread): boolean {
  return turn.phase === "running" && !(turn.answered && turn.open === null);
}

/** Whether the last answer ended before it was all there. */
export function endsEarly({ items }: Thread): boolean {
  return items.at(-1)?.type === "end_of_turn";
}

/** Return the thread when its stream has ended and the answer is complete. A turn that failed or was stopped stays so. */
export function endTurn(thread: Thread): Thread {
  return thread.turn.phase === "running" ? { ...thread, turn: { phase: "idle" } } : thread;
}

/** Return the thread while its stream is broken; the next event ends that. */
export function loseConnection(thread: Thread): Thread {
  return running(thread, { reconnecting: true });
}

/** Return the thread after `event`; kinds that this panel does not know change nothing else. */
export function applyEvent(lost: Thread, event: ThreadEvent): Thread {
  const thread =
    lost.turn.phase === "running" && lost.turn.reconnecting ? running(lost, { reconnecting: false }) : lost;
  switch (event.type) {
    case "thread.created":
    case "thread.updated":
      return { ...thread, id: event.thread.id };
    case "thread.item.added":
      return followTurn(putItem(thread, event.item), event.item, false);
    case "thread.item.done":
    case "thread.item.replaced":
      return followTurn(putItem(thread, event.item), event.item, true);
    case "thread.item.updated":
      return updateItem(thread, event.item_id, event.update);
    case "thread.item.removed":
      return removeItem(thread, event.item_id);
    case "progress_update":
      return running(thread, { progress: event.text });
    case "client_effect":
      return event.name === FOLLOW_UPS ? { ...thread, followUps: readSuggestions(event.data) } : thread;
    case "notice":
      return { ...thread, notices: [...thread.notices, event] };
    case "error":
      return { ...thread, turn: { phase: "failed", failure: failureOfEvent(event) } };
    default:
      return thread;
  }
}

function failureOfEvent(event: ThreadEvent & { type: "error" }): Failure {
  return { kind: event.allow_retry ? "broken" : "refused", message: event.message ?? null };
}

function running(thread: Thread, change: Partial<Turn & { phase: "running" }>): Thread {
  return thread.turn.phase === "running" ? { ...thread, turn: { ...thread.turn, ...change } } : thread;
}

function followTurn(thread: Thread, item: Item, done: boolean): Thread {
  if (item.type === "user_message") return thread.asked === null ? { ...thread, asked: item.id } : thread;
  if (item.type !== "assistant_message") return thread;
  return running(thread, done ? { open: null, answered: true, progress: null } : { open: item.id });
}

function putItem(thread: Thread, item: Item): Thread {
  const known = thread.items.some((each) => each.id === item.id);
  const items = known ? thread.items.map((each) => (each.id === item.id ? item : each)) : [...thread.items, item];
  return { ...thread, items };
}

function removeItem(thread: Thread, itemId: string): Thread {
  const removed = { ...thread, items: thread.items.filter((item) => item.id !== itemId) };
  return thread.turn.phase === "running" && thread.turn.open === itemId ? running(removed, { open: null }) : removed;
}

function updateItem(thread: Thread, itemId: string, update: ItemUpdate): Thread {
  const items = thread.items.map((item) => (item.id === itemId ? updated(item, update) : item));
  const writing = update.type === "assistant_message.content_part.text_delta";
  return writing ? running({ ...thread, items }, { progress: null }) : { ...thread, items };
}

function updated(item: Item, update: ItemUpdate): Item {
  if (item.type === "assistant_message") return updateAnswer(item, update);
  const tasks = update.type === "workflow.task.added" || update.type === "workflow.task.updated";
  if (item.type !== "workflow" || !tasks) return item;
  return {
    ...item,
    workflow: { ...item.workflow, tasks: replaceAt(item.workflow.tasks, update.task_index, update.task) },
  };
}

function updateAnswer(item: AssistantMessage, update: ItemUpdate): AssistantMessage {
  if (!("content_index" in update)) return item;
  const part = item.content[update.content_index] ?? { type: "output_text", text: "", annotations: [] };
  return { ...item, content: replaceAt(item.content, update.content_index, updatePart(part, update)) };
}

function updatePart(part: AnswerPart, update: ItemUpdate & { content_index: number }): AnswerPart {
  switch (update.type) {
    case "assistant_message.content_part.added":
      return { ...update.content, annotations: update.content.annotations ?? [] };
    case "assistant_message.content_part.text_delta":
      return { ...part, text: part.text + update.delta };
    case "assistant_message.content_part.annotation_added":
      return { ...part, annotations: replaceAt(part.annotations, update.annotation_index, update.annotation) };
    case "assistant_message.content_part.done":
      return { ...update.content, annotations: keepAnnotations(part, update.content) };
    default:
      return part;
  }
}

/** A finished part may come without the annotations that were streamed before it; they still hold. */
function keepAnnotations(part: AnswerPart, finished: AnswerPart): AnswerPart["annotations"] {
  return finished.annotations?.length ? finished.annotations : part.annotations;
}

function replaceAt<T>(list: readonly T[], index: number, value: T): readonly T[] {
  return index < list.length ? list.map((each, place) => (place === index ? value : each)) : [...list, value];
}

/** Return what an effect suggests, each with its address; a sidecar of before sends questions alone. */
function readSuggestions({ suggestions, questions }: Record<string, unknown>): readonly Suggestion[] {
  const given: unknown[] = Array.isArray(suggestions) ? suggestions : Array.isArray(questions) ? questions : [];
  return given.flatMap((each) => readSuggestion(each) ?? []).slice(0, 3);
}

function readSuggestion(given: unknown): Suggestion | null {
  if (typeof given === "string") return { text: given, about: null };
  const { text, path, anchor } = (given ?? {}) as Record<string, unknown>;
  if (typeof text !== "string") return null;
  const about = typeof path === "string" ? { path, anchor: typeof anchor === "string" ? anchor : null } : null;
  return { text, about };
}
