/** Keys as readers press them, whatever alphabet their keyboard writes. */

const FIELDS = "input,textarea,select,[contenteditable]:not([contenteditable=false])";

/**
 * The letter or digit that was pressed: the one the layout writes, or, where it writes none of ours, the one that stands
 * on that key of a Latin keyboard. Any other key goes by its name.
 */
export function pressedKey({ key, code }: KeyboardEvent): string {
  return (/^[a-z\d]$/i.test(key) ? key : code.replace(/^(Key|Digit)(?=.$)/, "")).toLowerCase();
}

/** Whether the key goes into a text that the reader is writing. */
export function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return event.isComposing || (target instanceof Element && target.closest(FIELDS) !== null);
}
