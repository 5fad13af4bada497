/** What a built page says in its HTML: its headings, since an anchor cannot be more exact, and whether it is for robots. */

import { DomUtils, parseDocument } from "htmlparser2";
import type { Heading } from "./book";
import { cleanText } from "./text";

type Node = ReturnType<typeof parseDocument>["children"][number];
type Element = Extract<Node, { attribs: unknown }>;

/** What a theme wraps a page's content in, the surest sign first: docs, blog posts, then pages and swizzled themes. */
const CONTENT: readonly ((element: Element) => boolean)[] = [
  (element) => hasClass(element, "theme-doc-markdown"),
  (element) => element.attribs.id === "__blog-post-container",
  (element) => element.name === "article",
  (element) => element.name === "main",
];

/** In an id, what makes it one that no link reaches: browsers read NUL as U+FFFD, and an address holds neither. */
const UNREACHABLE = /[\p{Cc}\ufffd]/u;

/**
 * What the HTML of a page says. `title` is its first heading of level 1, else its `<title>`; `headings` are those that have an id, in document order; an id that two of them share is
 * in twice.
 */
export interface BuiltPage {
  readonly title: string;
  readonly headings: readonly Heading[];
  readonly isKeptFromRobots: boolean;
}

/** Read the HTML of a page. */
export function readBuiltPage(html: string): BuiltPage {
  const nodes = parseDocument(html).children;
  const content = findContent(nodes);
  const title = content && DomUtils.findOne(({ name }) => name === "h1", content.children);
  const named = title ?? DomUtils.findOne(({ name }) => name === "title", nodes);
  return {
    title: named ? readableText(named.children) : "",
    headings: content ? headingsBelow(content.children) : [],
    isKeptFromRobots: DomUtils.findOne(isNoindex, nodes) !== null,
  };
}

/** Return the ids that more than one of `headings` has; a link to such an id always leads to the first. */
export function repeatedIds(headings: readonly Heading[]): string[] {
  const ids = headings.map(({ id }) => id);
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}

function findContent(nodes: Node[]): Element | null {
  for (const isContent of CONTENT) {
    const found = DomUtils.findOne(isContent, nodes);
    if (found) return found;
  }
  return null;
}

function headingsBelow(nodes: readonly Node[]): Heading[] {
  return nodes.filter(DomUtils.isTag).flatMap((element) => {
    if (element.name === "nav" || hasClass(element, "table-of-contents")) return [];
    const level = /^h([1-6])$/.exec(element.name)?.[1];
    if (level === undefined) return headingsBelow(element.children);
    const { id } = element.attribs;
    return id && !UNREACHABLE.test(id) ? [{ id, level: Number(level), text: readableText(element.children) }] : [];
  });
}

function readableText(nodes: readonly Node[]): string {
  return cleanText(textOf(nodes).replace(/[\u200b\ufeff]/g, ""));
}

/** KaTeX writes a formula three times; of these only the TeX it was made from reads well. */
function textOf(nodes: readonly Node[]): string {
  return nodes
    .map((node) => (DomUtils.isTag(node) ? textOfElement(node) : DomUtils.isText(node) ? node.data : ""))
    .join("");
}

function textOfElement(element: Element): string {
  if (hasClass(element, "hash-link") || element.name === "style" || element.name === "script") return "";
  const tex = hasClass(element, "katex") && DomUtils.findOne(isTex, element.children);
  return textOf(tex ? tex.children : element.children);
}

function isTex({ name, attribs }: Element): boolean {
  return name === "annotation" && attribs.encoding === "application/x-tex";
}

function isNoindex({ name, attribs }: Element): boolean {
  return name === "meta" && /^robots$/i.test(attribs.name ?? "") && /\b(?:noindex|none)\b/i.test(attribs.content ?? "");
}

function hasClass({ attribs }: Element, name: string): boolean {
  return (attribs.class ?? "").split(/\s+/).includes(name);
}
