/** The part of the ChatKit protocol that the panel speaks: items, events and requests, as they cross the wire. */

import type { Passage } from "../../selection/passage";
import type { PageContext, Scope, SectionAddress } from "../../site/page";

/** What an annotation points to. Only `url` can be followed. */
export interface Reference {
  type: "url" | "file" | "entity";
  title: string;
  url?: string;
  group?: string;
  description?: string;
}

/** A reference at a place in an answer; `index` counts code points, and without it the reference is to the whole. */
export interface Annotation {
  type: "annotation";
  source: Reference;
  index?: number;
}

export interface AnswerPart {
  type: "output_text";
  text: string;
  annotations: readonly Annotation[];
}

interface BaseItem {
  id: string;
  thread_id: string;
  created_at: string;
}

export interface UserMessage extends BaseItem {
  type: "user_message";
  content: readonly { type: "input_text" | "input_tag"; text: string }[];
  quoted_text?: string;
}

export interface AssistantMessage extends BaseItem {
  type: "assistant_message";
  content: readonly AnswerPart[];
}

export interface Task {
  type: string;
  title?: string;
  content?: string;
  status_indicator?: "none" | "loading" | "complete";
  /** What a search has found. */
  sources?: readonly { title: string; url: string }[];
}

export interface WorkflowItem extends BaseItem {
  type: "workflow";
  workflow: { tasks: readonly Task[]; summary?: { title?: string; duration?: number } };
}

export interface TaskItem extends BaseItem {
  type: "task";
  task: Task;
}

/** Stands behind an answer that is not all there: it was stopped, or left, or something failed. */
export interface EarlyEnd extends BaseItem {
  type: "end_of_turn";
}

/** Items that are kept in the thread but say nothing a reader of this panel could use. */
export interface SilentItem extends BaseItem {
  type: "client_tool_call" | "widget" | "structured_input" | "generated_image";
}

export type Item = UserMessage | AssistantMessage | WorkflowItem | TaskItem | EarlyEnd | SilentItem;

export type ItemUpdate =
  | { type: "assistant_message.content_part.added"; content_index: number; content: AnswerPart }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | {
      type: "assistant_message.content_part.annotation_added";
      content_index: number;
      annotation_index: number;
      annotation: Annotation;
    }
  | { type: "assistant_message.content_part.done"; content_index: number; content: AnswerPart }
  | { type: "workflow.task.added" | "workflow.task.updated"; task_index: number; task: Task };

export interface Notice {
  level: "info" | "warning" | "danger";
  message: string;
  title?: string;
}

export type ThreadEvent =
  | { type: "thread.created" | "thread.updated"; thread: { id: string; title?: string } }
  | { type: "thread.item.added" | "thread.item.done" | "thread.item.replaced"; item: Item }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } }
  | { type: "progress_update"; text: string }
  | { type: "client_effect"; name: string; data: Record<string, unknown> }
  | ({ type: "notice" } & Notice)
  | { type: "error"; code: string; message?: string; allow_retry: boolean };

/** What the reader looks at, sent with every question and again with every retry. */
export interface RequestMetadata {
  page_context: PageContext;
  scope: Scope;
  selected_text?: string;
  selections?: readonly Pick<Passage, "text" | "path" | "anchor">[];
  /** The section that a suggested question was made from. */
  about?: SectionAddress;
}

export interface MessageInput {
  content: readonly { type: "input_text"; text: string }[];
  attachments: readonly string[];
  quoted_text?: string;
  inference_options: Record<string, never>;
}

export type StreamingRequest =
  | { type: "threads.create"; params: { input: MessageInput }; metadata: RequestMetadata }
  | { type: "threads.add_user_message"; params: { thread_id: string; input: MessageInput }; metadata: RequestMetadata }
  | { type: "threads.retry_after_item"; params: { thread_id: string; item_id: string }; metadata: RequestMetadata }
  | { type: "threads.custom_action"; params: { thread_id: string; action: { type: string; payload: unknown } } };

export type PlainRequest =
  | {
      type: "items.list";
      params: { thread_id: string; limit: number; order: "asc" | "desc"; after?: string };
    }
  | {
      type: "items.feedback";
      params: { thread_id: string; item_ids: readonly string[]; kind: Feedback };
      metadata?: { reason: string };
    }
  | {
      type: "threads.list";
      params: { limit: number; order: "asc" | "desc"; after?: string };
      /** Only threads with a question asked on the page at `path`. */
      metadata?: { path: string };
    }
  | { type: "threads.update"; params: { thread_id: string; title: string } }
  | { type: "threads.delete"; params: { thread_id: string } };

/** A thread as it is listed; the sidecar titles it after its first question. */
export interface ThreadSummary {
  id: string;
  title?: string;
  created_at: string;
}

export type Feedback = "positive" | "negative";

/** One page of a list; `after` is the cursor of the next. */
export interface Listing<T> {
  data: readonly T[];
  has_more: boolean;
  after?: string;
}

/**
 * What the sidecar says about its index. `model` is `extractive` when answers are quotations. Where `share_days` is
 * given and not 0, an answer can be shared.
 */
export interface IndexStatus {
  commit: string | null;
  built_at: string;
  pages: number;
  chunks: number;
  model: string;
  title: string;
  share_days?: number;
}
