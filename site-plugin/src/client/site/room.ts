/** The room that the page makes for the panel, without the reader losing their place. */

import { findArticle } from "./article";

const ROOM = "data-booklight";
const BLOCKS = "h1,h2,h3,h4,p,li,pre,tr,img";

/** Make room beside the page, or give it back; the line that was first in view stays where it is. */
export function makeRoom(shown: boolean): void {
  const block = firstInView();
  const before = block?.getBoundingClientRect().top ?? 0;
  document.documentElement.toggleAttribute(ROOM, shown);
  const moved = block ? block.getBoundingClientRect().top - before : 0;
  if (moved) scrollBy({ top: moved, behavior: "instant" });
}

function firstInView(): Element | undefined {
  if (scrollY === 0) return undefined;
  const top = document.querySelector(".navbar")?.getBoundingClientRect().bottom ?? 0;
  const blocks = findArticle(document)?.querySelectorAll(BLOCKS) ?? [];
  return Array.from(blocks).find((block) => block.getBoundingClientRect().top >= top);
}
