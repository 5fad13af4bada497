/**
 * Formulas as React elements, by way of KaTeX's MathML; loaded with the first formula. Only what draws a formula gets
 * through: no links, no styles, no foreign elements.
 */

import { createElement, type ReactNode } from "react";

/** The part of KaTeX that is used. */
export interface Katex {
  renderToString(tex: string, options: Record<string, unknown>): string;
}

/** What draws formulas. */
export interface FormulaRenderer {
  /** Return the formula `tex`, on a line of its own where it is for `display`. Throws what KaTeX throws. */
  draw(tex: string, display: boolean): ReactNode;
}

const OPTIONS = { output: "mathml", trust: false, strict: "ignore", maxExpand: 200, maxSize: 20 };
const ELEMENTS = new Set(
  (
    "math semantics mrow mi mo mn ms mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover " +
    "mmultiscripts mprescripts none mtable mtr mlabeledtr mtd mpadded mphantom menclose"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "display displaystyle scriptlevel mathvariant mathcolor stretchy fence separator form symmetric largeop movablelimits " +
    "lspace rspace accent accentunder linethickness columnalign rowalign columnspacing rowspacing columnlines rowlines " +
    "width height depth voffset minsize maxsize notation"
  ).split(" "),
);

/** Return what draws formulas by the KaTeX that the site brings. */
export function drawWith({ renderToString }: Katex): FormulaRenderer {
  return { draw: (tex, displayMode) => readMathml(renderToString(tex, { ...OPTIONS, displayMode })) };
}

/** Return the formula in `markup`, or null where there is none. */
export function readMathml(markup: string): ReactNode {
  const math = new DOMParser().parseFromString(markup, "text/html").querySelector("math");
  return math && toElement(math, 0);
}

function toElement(node: Node, key: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element) || !ELEMENTS.has(node.localName)) return null;
  const kept = Array.from(node.attributes).filter(({ name }) => ATTRIBUTES.has(name));
  const attributes = Object.fromEntries(kept.map(({ name, value }) => [name, value]));
  return createElement(node.localName, { ...attributes, key }, Array.from(node.childNodes, toElement));
}
