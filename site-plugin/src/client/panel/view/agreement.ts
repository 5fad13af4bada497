/** The reader's agreement to the author's note about where questions go. */

import { useState } from "react";
import { loadValue, saveValue } from "../../site/storage";

const KEY = "booklight:consent";

/** `waiting` is the question that may not be sent before the reader has agreed. */
export interface Agreement {
  waiting: string | null;
  ask(question: string): void;
  agree(): void;
  decline(): void;
}

/** Let `onSend` have questions once `note` was agreed to, and `onDecline` the one that was held back instead. */
export function useAgreement(
  note: string | null,
  onSend: (question: string) => void,
  onDecline: (question: string) => void,
): Agreement {
  const [waiting, setWaiting] = useState<string | null>(null);
  const end = (pass: (question: string) => void) => {
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
