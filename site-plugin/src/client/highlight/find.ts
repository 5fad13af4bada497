/** Find on a page the passage that a citation quotes. */

import { type FoldedText, foldText } from "./folded";

const SHORTEST = 3;
/** Fewer folded characters may stand anywhere without being quoted. */
const SHORTEST_WORDS = 24;
const PIECE = 16;
/** How far apart, in folded characters, two pieces of one passage may stand: the page may say more than the quotation. */
const GAP = 160;
const BLOCKS = "p,li,pre,tr,blockquote,dd,dt,figcaption,summary,h1,h2,h3,h4,h5,h6";

/**
 * Return where `quotation` stands on `page`, first looking from `heading` on, or null where it does not.
 *
 * A quotation that ends in an ellipsis was cut: what is found goes on to the end of its block.
 */
export function findPassage(page: FoldedText, quotation: string, heading: Element | null): Range | null {
  const needle = foldText(quotation);
  if (needle.length < SHORTEST) return null;
  const from = heading ? page.startOf(heading) : 0;
  const found = findWhole(page.text, needle, from) ?? findPieces(page.text, needle, from);
  if (!found) return null;
  const range = page.range(found.start, found.end);
  return quotation.trimEnd().endsWith("…") ? toEndOfBlock(range) : range;
}

/** Return where `words` stand on `page` just so, first looking from `heading` on, or null where they do not. */
export function findWords(page: FoldedText, words: string, heading: Element | null): Range | null {
  const needle = foldText(words);
  if (needle.length < SHORTEST_WORDS) return null;
  const found = findWhole(page.text, needle, heading ? page.startOf(heading) : 0);
  return found && page.range(found.start, found.end);
}

interface Span {
  start: number;
  end: number;
}

function findWhole(text: string, needle: string, from: number): Span | null {
  const after = text.indexOf(needle, from);
  const start = after < 0 ? text.indexOf(needle) : after;
  return start < 0 ? null : { start, end: start + needle.length };
}

/** Most of a quotation, in order and close together: its page has a label in between, or lacks a hidden part. */
function findPieces(text: string, needle: string, from: number): Span | null {
  const count = Math.floor(needle.length / PIECE);
  const pieces = Array.from({ length: count }, (_, at) => needle.slice(at * PIECE, (at + 1) * PIECE));
  for (let skipped = 0; skipped * 2 <= count; skipped += 1) {
    const found = findChain(text, pieces.slice(skipped), from);
    const [first] = found;
    const last = found.at(-1);
    if (first && last && found.length * 2 >= count) return { start: first.start, end: last.end };
  }
  return null;
}

/** Those of `pieces` that follow each other. */
function findChain(text: string, pieces: readonly string[], from: number): Span[] {
  const found: Span[] = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    const start = text.indexOf(piece, last?.end ?? from);
    if (start >= 0 && (!last || start - last.end <= GAP)) found.push({ start, end: start + piece.length });
  }
  return found;
}

function toEndOfBlock(range: Range): Range {
  const around = range.endContainer instanceof Element ? range.endContainer : range.endContainer.parentElement;
  const block = around?.closest(BLOCKS);
  if (block) range.setEnd(block, block.childNodes.length);
  return range;
}
