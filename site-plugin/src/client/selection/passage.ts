/**
 * The passage a reader has selected. Only what lies in the article counts: a selection in the assistant, a text field
 * or the navigation is nobody's question about the book.
 */

import { findArticle } from "../site/article";
import { headingText, readableText } from "../site/text";

/** What the server accepts of a selection, in UTF-16 units. */
export const MAX_PASSAGE = 20_000;

const HEADINGS = "h1,h2,h3,h4,h5,h6";

/** A passage of the page at `path`; `anchor` and `heading` are those it stands under, empty above the first heading. */
export interface Passage {
  text: string;
  path: string;
  anchor: string;
  heading: string;
}

/** Return the selected part of the article as a range, or null when nothing of the article is selected. */
export function selectedRange(page: Document): Range | null {
  const selection = page.getSelection();
  const article = findArticle(page);
  if (!selection?.rangeCount || !article) return null;
  const range = selection.getRangeAt(0);
  return range.collapsed ? null : clip(range, article);
}

/** Return the passage that `range` covers, or null when it holds no text. */
export function readPassage(range: Range, page: Document): Passage | null {
  const text = readableText(range.cloneContents(), isCode(range)).slice(0, MAX_PASSAGE);
  const article = findArticle(page);
  if (!text || !article) return null;
  const heading = headingOf(range, article);
  return {
    text,
    path: page.location.pathname,
    anchor: heading?.id ?? "",
    heading: heading ? headingText(heading) : "",
  };
}

function clip(range: Range, article: Element): Range | null {
  if (!range.intersectsNode(article)) return null;
  const bounds = article.ownerDocument.createRange();
  bounds.selectNodeContents(article);
  const clipped = range.cloneRange();
  if (range.compareBoundaryPoints(Range.START_TO_START, bounds) < 0) clipped.setStart(bounds.startContainer, 0);
  if (range.compareBoundaryPoints(Range.END_TO_END, bounds) > 0) clipped.setEnd(bounds.endContainer, bounds.endOffset);
  return clipped.collapsed ? null : clipped;
}

/** The last heading that begins before the range; where there is none, the first one inside it. */
function headingOf(range: Range, article: Element): Element | null {
  let above: Element | null = null;
  for (const heading of article.querySelectorAll(HEADINGS)) {
    if (!heading.id && heading.tagName !== "H1") continue;
    const place = range.comparePoint(heading, 0);
    if (place > 0) break;
    if (place === 0 && !opens(range, heading)) return above ?? heading;
    above = heading;
  }
  return above;
}

/** Whether the range lies within one block of code, whose element its contents then lack. */
function isCode({ commonAncestorContainer: around }: Range): boolean {
  const element = around instanceof Element ? around : around.parentElement;
  return element?.closest("pre") != null;
}

function opens(range: Range, heading: Element): boolean {
  return range.startContainer.childNodes[range.startOffset] === heading || heading.contains(range.startContainer);
}
