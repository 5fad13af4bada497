/**
 * An article as one string of plain letters and digits, each with its place in the page.
 *
 * White space, punctuation, accents, letter case and markup are what a quotation and its page differ in; without them
 * a quotation is found by searching for it.
 */

import { NEVER_SEEN, UNSEEN } from "../site/text";

const NOT_PLAIN = /[^\p{L}\p{N}]/gu;
const PUNCTUATION_AFTER = /^[^\s\p{L}\p{N}]*/u;
const PUNCTUATION_BEFORE = /[^\s\p{L}\p{N}]*$/u;

/** The folded text of an element; offsets are into `text`, and ends are exclusive. */
export interface FoldedText {
  text: string;
  /** Where the text of `element`, or what follows it, begins. */
  startOf(element: Element): number;
  /** The part of the page that the text between two offsets stands for, with the punctuation around it. */
  range(start: number, end: number): Range;
}

/** Return the letters and digits of `text` in lower case, without accents. */
export function foldText(text: string): string {
  return Array.from(text, foldCharacter).join("");
}

/** Fold what can be seen of `element`, with `closed` what tabs could show too. Formulas count once, as TeX. */
export function foldElement(element: Element, closed = false): FoldedText {
  const nodes = textNodes(element, closed ? NEVER_SEEN : UNSEEN);
  const starts: number[] = [];
  const offsets: number[] = [];
  let text = "";
  for (const node of nodes) {
    starts.push(text.length);
    let offset = 0;
    for (const character of node.data) {
      const folded = foldCharacter(character);
      for (let unit = 0; unit < folded.length; unit += 1) offsets.push(offset);
      text += folded;
      offset += character.length;
    }
  }
  const place = (at: number) => placeIn(nodes[lastStart(starts, at)], offsets[at]);
  return {
    text,
    startOf: (target) => starts[firstFollowing(nodes, target)] ?? text.length,
    range: (start, end) => rangeOver(place(start), place(end - 1), element),
  };
}

/** The character of `node` that a folded unit comes from. */
interface Place {
  node: Text;
  start: number;
  end: number;
}

function placeIn(node: Text | undefined, start: number | undefined): Place | undefined {
  if (!node || start === undefined) return undefined;
  return { node, start, end: start + String.fromCodePoint(node.data.codePointAt(start) ?? 0).length };
}

/** The place of the last of `starts`, which grow, that is at most `at`. */
function lastStart(starts: readonly number[], at: number): number {
  return starts.findLastIndex((start) => start <= at);
}

const known = new Map<string, string>();

function foldCharacter(character: string): string {
  const folded = known.get(character) ?? character.normalize("NFKD").toLowerCase().replace(NOT_PLAIN, "");
  known.set(character, folded);
  return folded;
}

function textNodes(element: Element, unseen: string): Text[] {
  const walker = element.ownerDocument.createTreeWalker(
    element,
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    (node) => {
      if (!(node instanceof Element)) return NodeFilter.FILTER_ACCEPT;
      return node.matches(unseen) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
    },
  );
  const nodes: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!isDrawnFormula(node)) nodes.push(node as Text);
  }
  return nodes;
}

/** Whether a text repeats, in MathML, what the TeX beside it says. */
function isDrawnFormula({ parentElement: around }: Node): boolean {
  return around?.closest(".katex-mathml") != null && !around.closest("annotation");
}

/** The place of the first of `nodes` in or behind `target`. Halved, since the browser counts siblings to compare two. */
function firstFollowing(nodes: readonly Text[], target: Element): number {
  const follows = Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY;
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const node = nodes[middle];
    if (node && target.compareDocumentPosition(node) & follows) high = middle;
    else low = middle + 1;
  }
  return low;
}

function rangeOver(first: Place | undefined, last: Place | undefined, element: Element): Range {
  const range = element.ownerDocument.createRange();
  if (!first || !last) return range;
  const before = PUNCTUATION_BEFORE.exec(first.node.data.slice(0, first.start))?.[0].length ?? 0;
  const after = PUNCTUATION_AFTER.exec(last.node.data.slice(last.end))?.[0].length ?? 0;
  range.setStart(first.node, first.start - before);
  range.setEnd(last.node, last.end + after);
  const formula = last.node.parentElement?.closest(".katex");
  if (formula) range.setEndAfter(formula);
  return range;
}
