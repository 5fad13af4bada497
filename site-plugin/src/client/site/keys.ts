/** Keys as readers press them, whatever alphabet their keyboard writes. */

const FIELDS = "input,textarea,select,[contenteditable]:not([contenteditable=false])";

/**
 * Whether a reader pressed the letter or digit `key`, and is not typing. The launcher has it for all: what it loads is
 * given it, which makes every page smaller.
 */
export type IsPressed = (event: KeyboardEvent, key: string | false) => boolean;

export const isPressed: IsPressed = (event, key) => pressedKey(event) === key && !isTyping(event);

/**
 * The letter or digit that was pressed: the one the layout writes, or, where it writes none of ours, the one that stands
 * on that key of a Latin keyboard. Any other key goes by its name.
 */
function pressedKey({ key, code }: KeyboardEvent): string {
  return (/^[a-z\d]$/i.test(key) ? key : code.replace(/^(Key|Digit)/, "")).toLowerCase();
}

/** Whether the key goes into a text that the reader is writing. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath() as [Partial<Element>];
  return event.isComposing || !!target.closest?.(FIELDS);
}
