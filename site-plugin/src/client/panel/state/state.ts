/** Everything the panel remembers while it is on a page, and the one reducer that changes it. Pure. */

import type { Passage } from "../../selection/passage";
import type { Scope } from "../../site/page";
import type { Failure } from "../api/failure";
import type { IndexStatus, Item, Listing, RequestMetadata, ThreadEvent } from "../api/protocol";
import { applyEvent, beginTurn, EMPTY_THREAD, endTurn, loseConnection, type Thread, truncateAfter } from "./thread";

const MAX_PASSAGES = 5;

/** A question as it was asked; a retry sends exactly this again. */
export interface Question {
  text: string;
  quote: string | null;
  metadata: RequestMetadata;
}

/** What is known of the sidecar. */
export type IndexState =
  | { status: "unknown" | "unreachable" }
  | { status: "ready"; index: IndexStatus }
  | { status: "missing"; message: string | null };

/** `older` is the cursor of the messages before the first one shown; `question` is the last one asked here. */
export interface PanelState {
  thread: Thread;
  older: string | null;
  question: Question | null;
  passages: readonly Passage[];
  scope: Scope;
  index: IndexState;
  ratings: Readonly<Record<string, "positive" | "negative">>;
}

export type PanelAction =
  | { type: "asked"; question: Question }
  | { type: "retried"; itemId: string; question: Question }
  | { type: "resumed"; itemId: string }
  | { type: "reconnecting" }
  | { type: "received"; event: ThreadEvent }
  | { type: "ended" }
  | { type: "stopped" }
  | { type: "failed"; failure: Failure }
  | { type: "loaded"; threadId: string; listing: Listing<Item> }
  | { type: "loaded-older"; listing: Listing<Item> }
  | { type: "cleared" }
  | { type: "selected"; passage: Passage }
  | { type: "unselected"; passage: Passage }
  | { type: "scoped"; scope: Scope }
  | { type: "index"; index: IndexState }
  | { type: "rated"; itemId: string; kind: "positive" | "negative" };

/** The panel as it first opens. */
export const FIRST_STATE: PanelState = {
  thread: EMPTY_THREAD,
  older: null,
  question: null,
  passages: [],
  scope: "full_book",
  index: { status: "unknown" },
  ratings: {},
};

/** Return the state after `action`. */
export function reducePanel(state: PanelState, action: PanelAction): PanelState {
  switch (action.type) {
    case "asked":
      return { ...state, question: action.question, passages: [], thread: beginTurn(state.thread, null) };
    case "retried":
      return {
        ...state,
        question: action.question,
        thread: beginTurn(truncateAfter(state.thread, action.itemId), action.itemId),
      };
    case "resumed":
      return { ...state, thread: beginTurn(state.thread, action.itemId) };
    case "reconnecting":
      return { ...state, thread: loseConnection(state.thread) };
    case "received":
      return { ...state, thread: applyEvent(state.thread, action.event) };
    case "ended":
      return { ...state, thread: endTurn(state.thread) };
    case "stopped":
      return { ...state, thread: { ...state.thread, turn: { phase: "stopped" } } };
    case "failed":
      return { ...state, thread: fail(state.thread, action.failure) };
    case "loaded":
      return {
        ...state,
        older: cursor(action.listing),
        question: null,
        thread: loaded(action.threadId, action.listing),
      };
    case "loaded-older":
      return { ...state, older: cursor(action.listing), thread: withOlder(state.thread, action.listing) };
    case "cleared":
      return { ...state, older: null, question: null, thread: EMPTY_THREAD };
    case "selected":
      return { ...state, passages: addPassage(state.passages, action.passage) };
    case "unselected":
      return { ...state, passages: state.passages.filter((passage) => passage !== action.passage) };
    case "scoped":
      return { ...state, scope: action.scope };
    case "index":
      return { ...state, index: action.index };
    case "rated":
      return { ...state, ratings: { ...state.ratings, [action.itemId]: action.kind } };
  }
}

/** The question that is on its way and not yet among the thread's items. */
export function unconfirmed(state: PanelState): Question | null {
  return state.thread.asked === null && state.thread.turn.phase !== "idle" ? state.question : null;
}

function fail(thread: Thread, failure: Failure): Thread {
  const forgotten = failure.kind === "lost" ? { ...thread, id: null } : thread;
  return { ...forgotten, turn: { phase: "failed", failure } };
}

/** Listings come newest first, so that a long thread begins with its end. */
function loaded(id: string, listing: Listing<Item>): Thread {
  return { ...EMPTY_THREAD, id, items: [...listing.data].reverse() };
}

function withOlder(thread: Thread, listing: Listing<Item>): Thread {
  return { ...thread, items: [...[...listing.data].reverse(), ...thread.items] };
}

function cursor(listing: Listing<Item>): string | null {
  return listing.has_more ? (listing.after ?? null) : null;
}

function addPassage(passages: readonly Passage[], passage: Passage): readonly Passage[] {
  if (passages.some((known) => known.text === passage.text && known.path === passage.path)) return passages;
  return [...passages, passage].slice(-MAX_PASSAGES);
}
