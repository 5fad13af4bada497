/** The reader's agreement to the author's note about where questions go. */

import { useState } from "react";
import type { Suggestion } from "../../site/page";
import { loadValue, saveValue } from "../../site/storage";

const KEY = "booklight:consent";

/** `waiting` is the question that may not be sent before the reader has agreed. */
export interface Agreement {
  waiting: Suggestion | null;
  ask(question: Suggestion): void;
  agree(): void;
  decline(): void;
}

/** Let `onSend` have questions once `note` was agreed to, and `onDecline` the one that was held back instead. */
export function useAgreement(
  note: string | null,
  onSend: (question: Suggestion) => void,
  onDecline: (question: Suggestion) => void,
): Agreement {
  const [waiting, setWaiting] = useState<Suggestion | null>(null);
  const end = (pass: (question: Suggestion) => void) => {
    if (waiting !== null) pass(waiting);
    setWaiting(null);
  };
  return {
    waiting,
    ask: (question) => (isAgreed(note) ? onSend(question) : setWaiting(question)),
    agree() {
      agreeTo(note);
      end(onSend);
    },
    decline: () => end(onDecline),
  };
}

/** Whether the reader has agreed to `note`: another is asked about anew, and without one there is nothing to agree to. */
function isAgreed(note: string | null): boolean {
  return note === null || loadValue(() => localStorage, KEY) === note;
}

/** Remember that the reader agreed to `note`. */
function agreeTo(note: string | null): void {
  saveValue(() => localStorage, KEY, note);
}
