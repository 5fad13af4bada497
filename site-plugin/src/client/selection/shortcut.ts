/** The keyboard's way to ask about a selection, since the bubble beside it is far away in the order of Tab. */

import { isTyping, pressedKey } from "../site/keys";

/** As it is told to readers and to assistive technology. */
export const SHORTCUT = "Alt+A";

/** Call `onPress` at Alt+A, never while the reader is typing; the key is used up if `onPress` returns true. */
export function listenForShortcut(page: Document, onPress: () => boolean): () => void {
  const press = (event: KeyboardEvent) => {
    if (isShortcut(event) && !isTyping(event) && onPress()) event.preventDefault();
  };
  page.addEventListener("keydown", press);
  return () => page.removeEventListener("keydown", press);
}

function isShortcut(event: KeyboardEvent): boolean {
  const { altKey, ctrlKey, metaKey, shiftKey } = event;
  return altKey && !ctrlKey && !metaKey && !shiftKey && pressedKey(event) === "a";
}
