/**
 * Which passages a question of this tab was about, by its id: the server keeps their words, not where they stand. Kept
 * for as long as the tab is, so that the quotation above a question leads back after a reload too.
 */

import { report } from "../../site/report";
import { loadValue, saveValue } from "../../site/storage";
import type { RequestMetadata } from "../api/protocol";
import type { Question } from "./state";

const KEY = "booklight:asked-about";
const MOST = 20;

/** Where a selected passage stands, and its words. */
export type Selection = NonNullable<RequestMetadata["selections"]>[number];

/** Remember the passages of a question that the server keeps; there are none where it was asked elsewhere. */
export function rememberSelections(questionId: string, question: Question | null): void {
  const selections = question?.metadata.selections;
  if (selections) save([...load().filter(([id]) => id !== questionId), [questionId, selections]]);
}

/** Return the passages that the question with this id was about; none where they are not known. */
export function selectionsOf(questionId: string): readonly Selection[] {
  return load().find(([id]) => id === questionId)?.[1] ?? [];
}

type Kept = readonly [id: string, selections: readonly Selection[]];

function load(): readonly Kept[] {
  try {
    return JSON.parse(loadValue(() => sessionStorage, KEY) ?? "[]");
  } catch (error) {
    report("the browser's storage cannot be read", error);
    return [];
  }
}

function save(kept: readonly Kept[]): void {
  saveValue(() => sessionStorage, KEY, JSON.stringify(kept.slice(-MOST)));
}
