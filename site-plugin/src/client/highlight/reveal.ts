/** Bring a passage into view below the site's navbar, and point at what cannot be highlighted. */

import { navbarBottom } from "../site/navbar";

const GAP = 16;
const OUTLINED = 2_400;
/** How many windows high the way to a passage may be before it is jumped: readers would see only a blur. */
const FAR = 4;
const BLOCKS = "p,li,pre,table,blockquote,h1,h2,h3,h4,h5,h6";

/** Scroll so that `range` can be read, together with `heading` where there is room for both. */
export function reveal(range: Range, heading: Element | null): void {
  const top = navbarBottom() + GAP;
  const passage = range.getBoundingClientRect();
  const above = heading?.getBoundingClientRect().top ?? passage.top;
  const start = passage.bottom - above <= innerHeight - top ? above : passage.top;
  if (start >= navbarBottom() && passage.bottom <= innerHeight) return;
  const far = Math.abs(start - top) > FAR * innerHeight;
  const still = far || matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollBy({ top: start - top, behavior: still ? "instant" : "smooth" });
}

/** Outline a heading, or the block around a range, for a moment. */
export function outline(target: Range | Element | null): void {
  const element = target instanceof Range ? blockOf(target) : target;
  const shown = { outline: "2px solid var(--ifm-color-primary, #2e6f5e)", outlineOffset: "4px" };
  element?.animate([shown, { ...shown, offset: 0.8 }, { ...shown, outlineColor: "transparent" }], OUTLINED);
}

function blockOf(range: Range): Element | null {
  const around = range.startContainer instanceof Element ? range.startContainer : range.startContainer.parentElement;
  return around?.closest(BLOCKS) ?? around;
}
