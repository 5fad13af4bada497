/**
 * An article as one string of plain letters and digits, each with its place in the page.
 *
 * White space, punctuation, accents, letter case and markup are what a quotation and its page differ in; without them
 * a quotation is found by searching for it.
 */

import { UNSEEN } from "../selection/text";

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

/** Fold what can be seen of `element`. Formulas count once, as TeX. */
export function foldElement(element: Element): FoldedText {
  const places: Place[] = [];
  let text = "";
  for (const node of visibleText(element)) {
    let offset = 0;
    for (const character of node.data) {
      const folded = foldCharacter(character);
      for (let unit = 0; unit < folded.length; unit += 1)
        places.push({ node, start: offset, end: offset + character.length });
      text += folded;
      offset += character.length;
    }
  }
  return {
    text,
    startOf: (target) => firstPlace(places, target),
    range: (start, end) => rangeOver(places[start], places[end - 1], element),
  };
}

/** One folded unit: the character of `node` it comes from. */
interface Place {
  node: Text;
  start: number;
  end: number;
}

const known = new Map<string, string>();

function foldCharacter(character: string): string {
  const folded = known.get(character) ?? character.normalize("NFKD").toLowerCase().replace(NOT_PLAIN, "");
  known.set(character, folded);
  return folded;
}

function visibleText(element: Element): Text[] {
  const walker = element.ownerDocument.createTreeWalker(
    element,
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    (node) => {
      if (!(node instanceof Element)) return NodeFilter.FILTER_ACCEPT;
      return node.matches(UNSEEN) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
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

function firstPlace(places: readonly Place[], target: Element): number {
  const follows = Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY;
  let last: Text | null = null;
  for (let at = 0; at < places.length; at += 1) {
    const node = places[at]?.node;
    if (!node || node === last) continue;
    if (target.compareDocumentPosition(node) & follows) return at;
    last = node;
  }
  return places.length;
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
