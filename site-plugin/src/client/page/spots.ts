/** Where on the page a reader has asked before: each passage as it stands there now, else its heading. */

import { findPassage } from "../highlight/find";
import { type FoldedText, foldElement } from "../highlight/folded";
import { findArticle } from "../site/article";

const BLOCKS = "p,li,dd,dt,td,th,figcaption,blockquote,pre,summary,h1,h2,h3,h4,h5,h6";
/** What nothing may be put into: a button within it would be part of its name, or of another control. */
const CLOSED = "a,button,label,summary,pre,[role=tablist],h1,h2,h3,h4,h5,h6";

/** A passage that a question was about or that its answer cited, as the sidecar tells it. */
export interface AskedPlace {
  thread_id: string;
  question: string;
  anchor: string | null;
  text: string | null;
  asked_at: string;
}

/** A block of the page, what of it was asked about, and the conversations that did, the latest first. */
export interface Spot {
  block: Element;
  range: Range;
  places: readonly AskedPlace[];
}

/** Return the spots of `places` on `page`; what stands there no more, as its heading does not, has none. */
export function findSpots(places: readonly AskedPlace[], page: Document): readonly Spot[] {
  const article = places.length > 0 && findArticle(page);
  if (!article) return [];
  const folded = foldElement(article, true);
  const spots = new Map<Element, Spot>();
  for (const place of places) {
    const range = rangeOf(place, folded, page);
    if (!range) continue;
    const block = blockOf(range);
    const spot = spots.get(block) ?? { block, range, places: [] };
    const known = spot.places.some(({ thread_id }) => thread_id === place.thread_id);
    spots.set(block, known ? spot : { ...spot, places: [...spot.places, place] });
  }
  return Array.from(spots.values());
}

function rangeOf({ anchor, text }: AskedPlace, folded: FoldedText, page: Document): Range | null {
  const heading = anchor === null ? page.querySelector("article h1") : page.getElementById(anchor);
  const passage = text && findPassage(folded, text, heading);
  if (passage || !heading) return passage || null;
  const range = page.createRange();
  range.selectNodeContents(heading);
  return range;
}

function blockOf({ startContainer }: Range): Element {
  const around = startContainer instanceof Element ? startContainer : (startContainer.parentElement as Element);
  const block = around.closest(BLOCKS) ?? around;
  return block.closest(CLOSED) ?? block;
}
