/** Follow what the reader has selected in the article. */

import { selectedRange } from "./passage";

const PAUSE = 160;

/**
 * Call `onChange` with the selected range whenever it has settled, and with null when it is gone.
 *
 * `selectionchange` is the one event that mouse, keyboard, touch and scripts have in common. Focusing the assistant
 * wipes the page's selection; that is no change of the reader's mind, so it is passed over.
 */
export function watchSelection(host: HTMLElement, onChange: (range: Range | null) => void): () => void {
  const page = host.ownerDocument;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = () => {
    const range = selectedRange(page);
    if (range || page.activeElement !== host) onChange(range);
  };
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(settle, PAUSE);
  };
  page.addEventListener("selectionchange", restart);
  restart();
  return () => {
    clearTimeout(timer);
    page.removeEventListener("selectionchange", restart);
  };
}
