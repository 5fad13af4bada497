/** The pass to what readers ask, which a link on the page of insights brings into an author's browser. */

import { loadValue, saveValue } from "./storage";

const KEY = "booklight:insights";
const IN_ADDRESS = /^#booklight-insights=(.+)$/;

/** Return the pass of this browser, or null: the one in the page's address, which is kept, or the one that was. */
export function findPass(): string | null {
  const given = IN_ADDRESS.exec(location.hash)?.[1];
  if (!given) return loadValue(() => localStorage, KEY);
  saveValue(() => localStorage, KEY, given);
  history.replaceState(history.state, "", location.pathname + location.search);
  return given;
}

/** Forget the pass. */
export function forgetPass(): void {
  saveValue(() => localStorage, KEY, null);
}
