/** The keyboard's way to ask about a selection, since the bubble beside it is far away in the order of Tab. */

/** As it is told to readers and to assistive technology. */
export const SHORTCUT = "Alt+A";

const FIELDS = "input,textarea,select,[contenteditable]:not([contenteditable=false])";

/** Call `onPress` at Alt+A, never while the reader is typing; the key is used up if `onPress` returns true. */
export function listenForShortcut(page: Document, onPress: () => boolean): () => void {
  const press = (event: KeyboardEvent) => {
    if (isShortcut(event) && !isTyping(event) && onPress()) event.preventDefault();
  };
  page.addEventListener("keydown", press);
  return () => page.removeEventListener("keydown", press);
}

/** Where Alt changes what a key writes, the key itself decides. */
function isShortcut({ key, code, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  if (!altKey || ctrlKey || metaKey || shiftKey) return false;
  return /^[a-z]$/i.test(key) ? key.toLowerCase() === "a" : code === "KeyA";
}

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return event.isComposing || (target instanceof Element && target.closest(FIELDS) !== null);
}
