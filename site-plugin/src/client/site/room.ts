/** The room that the page makes for the panel, without the reader losing their place. */

import { findArticle } from "./article";
import { navbarBottom } from "./navbar";

const ROOM = "data-booklight";
const BLOCKS = "h1,h2,h3,h4,p,li,pre,tr,img";
const NAVBAR_ITEMS = ".navbar__items > *";
/** From this width on, Infima and Docusaurus lay a page out for the desktop. */
const DESKTOP = 997;

/**
 * Make room beside the page, or give it back; the line that was first in view stays where it is.
 *
 * The page is made narrower only where it then looks as its own breakpoints mean it to: these go by the window, which
 * stays as wide as it is. Elsewhere the panel lies over the page.
 */
export function makeRoom(shown: boolean): void {
  const root = document.documentElement;
  keepPlace(() => {
    root.removeAttribute(ROOM);
    if (!shown) return;
    const ownCrowd = isCrowded();
    root.setAttribute(ROOM, "docked");
    if (!holds() || (isCrowded() && !ownCrowd)) root.setAttribute(ROOM, "over");
  });
}

/** Whether the docked page falls on the same side of the breakpoint as the window. */
function holds(): boolean {
  const left = innerWidth - Number.parseFloat(getComputedStyle(document.body).paddingInlineEnd);
  return innerWidth < DESKTOP || left >= DESKTOP;
}

/** Whether something in the site's navbar lies over its neighbour, or outside the navbar. */
function isCrowded(): boolean {
  const end = document.querySelector(".navbar")?.getBoundingClientRect().right ?? innerWidth;
  const boxes = Array.from(document.querySelectorAll(NAVBAR_ITEMS), (item) => item.getBoundingClientRect());
  const shown = boxes.filter(({ width }) => width > 0).sort((a, b) => a.left - b.left);
  return shown.some(({ right }, at) => right > (shown[at + 1]?.left ?? end) + 1);
}

function keepPlace(change: () => void): void {
  const block = firstInView();
  const before = block?.getBoundingClientRect().top ?? 0;
  change();
  const moved = block ? block.getBoundingClientRect().top - before : 0;
  if (moved) scrollBy({ top: moved, behavior: "instant" });
}

function firstInView(): Element | undefined {
  if (scrollY === 0) return undefined;
  const top = navbarBottom();
  const blocks = findArticle(document)?.querySelectorAll(BLOCKS) ?? [];
  return Array.from(blocks).find((block) => block.getBoundingClientRect().top >= top);
}
