import { expect, test } from "vitest";
import { readBuiltPage, repeatedIds } from "../headings";
import { headingVectors } from "./fixtures/index";

const readHeadings = (html: string) => readBuiltPage(html).headings;
const escapeHtml = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const collapse = (text: string) =>
  text
    .replace(/[\u200b\ufeff]/g, "")
    .replace(/\s+/g, " ")
    .trim();
const inDocs = (content: string) => `<article><div class="theme-doc-markdown markdown">${content}</div></article>`;
const link = (id: string) => `<a href="#${id}" class="hash-link" aria-label="Direct link">\u200b</a>`;

test.each(headingVectors)("$name", ({ headings }) => {
  const html = headings.map(({ level, id, text, hash_link }) => {
    const attribute = id === null ? "" : ` id="${id}"`;
    return `<h${level}${attribute}>${escapeHtml(text)}${hash_link && id ? link(id) : ""}</h${level}><p>Text.`;
  });
  const linkable = headings.filter(({ id }) => id !== null);
  expect(readHeadings(inDocs(html.join("")))).toEqual(
    linkable.map(({ id, level, text }) => ({ id, level, text: collapse(text) })),
  );
});

test("only what the content holds is a heading of the page", () => {
  const html = `<html><body><nav><h2 id="menu">Menu</h2></nav>
    <main><div class="theme-doc-toc-mobile"><h2 id="toc">On this page</h2></div>
    ${inDocs('<header><h1>Title</h1></header><details><h3 id="inner">Inner</h3></details>')}
    <footer><h2 id="footer">More</h2></footer></main></body></html>`;
  expect(readHeadings(html)).toEqual([{ id: "inner", level: 3, text: "Inner" }]);
});

test.each([
  ["a blog post", '<main><h2 id="recent">Recent</h2><div id="__blog-post-container" class="markdown">%</div></main>'],
  ["a page", '<main><article>%</article><div class="table-of-contents"><h2 id="toc">Toc</h2></div></main>'],
  [
    "a swizzled theme",
    '<main><nav><h2 id="toc">Toc</h2></nav><div class="table-of-contents"><h2 id="x">x</h2></div>%</main>',
  ],
])("the content of %s is found", (_, frame) => {
  expect(readHeadings(frame.replace("%", "<h2 id=a>A</h2>"))).toEqual([{ id: "a", level: 2, text: "A" }]);
});

test("a formula is read once, as TeX", () => {
  const katex = `<span class="katex"><span class="katex-mathml"><math><semantics><mi>α</mi>
    <annotation encoding="application/x-tex">\\alpha_{t}</annotation></semantics></math></span>
    <span class="katex-html" aria-hidden="true">αt\u200b</span></span>`;
  expect(readHeadings(inDocs(`<h2 id="r">The ${katex} rate</h2>`))[0]?.text).toBe("The \\alpha_{t} rate");
});

test("entities are decoded, white space is collapsed, joiners within words are kept", () => {
  const html = inDocs('<h2 id="a&amp;b">\n Tom &copy;&nbsp; <code>&lt;tag&gt;</code> می\u200cشود\ufeff</h2>');
  expect(readHeadings(html)).toEqual([{ id: "a&b", level: 2, text: "Tom © <tag> می\u200cشود" }]);
});

test("a page without content has no headings", () => {
  expect(readHeadings("")).toEqual([]);
  expect(readHeadings("<div><h2 id=x>x</h2></div>")).toEqual([]);
});

test("ids that two headings share are named once", () => {
  const headings = ["a", "b", "a", "a", "c", "c"].map((id) => ({ id, level: 2, text: id }));
  expect(repeatedIds(headings)).toEqual(["a", "c"]);
});

test("what React leaves of control characters is no text, and an id that holds one is no anchor", () => {
  const html =
    '<h2 id="forced">Fo\0rced\u0007 &\n tab\tbed\u0085</h2><h2 id="fo\0rced">Broken</h2><h3 id="a\ufffdb">Too</h3>';
  expect(readHeadings(inDocs(html))).toEqual([{ id: "forced", level: 2, text: "Forced & tab bed" }]);
});

test.each([
  ['<meta name="robots" content="noindex, nofollow">', true],
  ["<meta data-rh=true name=robots content=noindex,nofollow>", true],
  ['<meta content="NONE" name="Robots">', true],
  ['<meta name="robots" content="nofollow, noarchive">', false],
  ['<meta name="keywords" content="noindex">', false],
  ["", false],
])("a page with %j in its head is kept from robots: %s", (meta, kept) => {
  const html = `<!doctype html><html lang=en><head><meta charset=utf-8>${meta}<title>x</title>${inDocs("<p>noindex")}`;
  expect(readBuiltPage(html).isKeptFromRobots).toBe(kept);
});
