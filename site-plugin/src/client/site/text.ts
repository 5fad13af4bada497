/** Article text as a reader sees it: blocks on their own lines, code kept as it stands, no buttons, no hidden copies. */

/** What stands in an article without being its text, as a selector. */
export const UNSEEN = ".hash-link,button,script,style,svg,[hidden],[aria-hidden=true]";
/** The same but for the panels of tabs that are not chosen: a reader can come to see those. */
export const NEVER_SEEN = UNSEEN.replace("[hidden]", "[hidden]:not([role=tabpanel])");
const BLOCKS = new Set(
  "P DIV LI UL OL PRE TABLE TR H1 H2 H3 H4 H5 H6 BLOCKQUOTE SECTION DETAILS SUMMARY HEADER FIGURE DT DD".split(" "),
);
const CELLS = new Set(["TD", "TH"]);

/** Return the text of a heading without the link that Docusaurus puts behind it. */
export function headingText(heading: Element): string {
  const copy = heading.cloneNode(true) as Element;
  for (const link of copy.querySelectorAll(".hash-link")) link.remove();
  return plain(copy.textContent ?? "").trim();
}

/** Return the readable text of `fragment`, which is changed on the way; `verbatim` where it was cut out of code. */
export function readableText(fragment: DocumentFragment, verbatim = false): string {
  for (const formula of fragment.querySelectorAll(".katex-mathml")) {
    const tex = formula.querySelector("annotation")?.textContent;
    formula.replaceWith(tex ? `$${tex}$` : (formula.textContent ?? ""));
  }
  for (const unseen of fragment.querySelectorAll(UNSEEN)) unseen.remove();
  const text = plain(write(fragment, "", verbatim));
  return text
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function write(parent: Node, before: string, verbatim: boolean): string {
  let text = before;
  for (const node of parent.childNodes) {
    if (node instanceof Text) text += verbatim ? node.data : flow(node.data, text);
    else if (node instanceof Element) text = writeElement(node, text, verbatim);
  }
  return text;
}

function writeElement(element: Element, before: string, verbatim: boolean): string {
  if (element.tagName === "BR") return `${before}\n`;
  const block = BLOCKS.has(element.tagName);
  const text = write(element, block ? endLine(before) : before, verbatim || element.tagName === "PRE");
  if (CELLS.has(element.tagName)) return `${text}\t`;
  return block ? endLine(text) : text;
}

/** White space in prose is one space, and none at the head of a line. */
function flow(words: string, before: string): string {
  const spaced = words.replace(/\s+/g, " ");
  return before === "" || before.endsWith("\n") ? spaced.trimStart() : spaced;
}

function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function plain(text: string): string {
  return text.replaceAll("\u200b", "");
}
