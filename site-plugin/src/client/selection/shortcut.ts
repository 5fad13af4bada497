/** The keyboard's way to ask about a selection, since the bubble beside it is far away in the order of Tab. */

import type { IsPressed } from "../site/keys";

/** As it is told to readers and to assistive technology. */
export const SHORTCUT = "Alt+A";

/** Call `onPress` at Alt+A as `isPressed` says; the key is used up if `onPress` returns true. */
export function listenForShortcut(page: Document, isPressed: IsPressed, onPress: () => boolean): () => void {
  const press = (event: KeyboardEvent) => {
    if (hasModifier(event) && isPressed(event, "a") && onPress()) event.preventDefault();
  };
  page.addEventListener("keydown", press);
  return () => page.removeEventListener("keydown", press);
}

function hasModifier({ altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return altKey && !ctrlKey && !metaKey && !shiftKey;
}
