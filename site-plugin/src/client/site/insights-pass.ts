/** The pass to what readers ask, which a link on the page of insights brings into an author's browser. */

import { takeFragment } from "./fragment";
import { loadValue, saveValue } from "./storage";

const KEY = "booklight:insights";

/** Return the pass of this browser, or null: the one in the page's address, which is kept, or the one that was. */
export function findPass(): string | null {
  const given = takeFragment("insights");
  if (!given) return loadValue(() => localStorage, KEY);
  saveValue(() => localStorage, KEY, given);
  return given;
}

/** Forget the pass. */
export function forgetPass(): void {
  saveValue(() => localStorage, KEY, null);
}
