/** The question being written in this tab, so that neither a reload nor another page loses it. */

import { loadValue, saveValue } from "../../site/storage";

const KEY = "booklight:draft";

export interface Draft {
  read(): string;
  write(text: string): void;
  /** Call `onChange` after every change; returns what ends that. */
  subscribe(onChange: () => void): () => void;
}

/** Return the draft of this tab. */
export function openDraft(): Draft {
  let text = loadValue(() => sessionStorage, KEY) ?? "";
  const listeners = new Set<() => void>();
  return {
    read: () => text,
    write(words) {
      text = words;
      saveValue(() => sessionStorage, KEY, words || null);
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}
