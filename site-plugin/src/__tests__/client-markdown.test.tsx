// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Annotation, AssistantMessage } from "../client/panel/api/protocol";
import { SiteContext } from "../client/panel/context/context";
import { Answer } from "../client/panel/view/Answer";
import { indexPages } from "../client/site/page";

const PAGES = indexPages({ "/docs/why": { title: "Why", chapter: 1, chapterTitle: "One", lesson: "why" } });
const URL_OF_WHY = "https://book.example/docs/why#because";

let root: Root;
let place: HTMLElement;
const follow = vi.fn();

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
});

const SOURCE = { type: "url", title: "Because", url: URL_OF_WHY, description: "It is because." } as const;

function show(text: string, at: readonly number[] = [], live = false): HTMLElement {
  const annotations = at.map((index): Annotation => ({ type: "annotation", index, source: SOURCE }));
  const item: AssistantMessage = {
    id: "msg_1",
    thread_id: "thr_1",
    created_at: "",
    type: "assistant_message",
    content: [{ type: "output_text", text, annotations }],
  };
  const site = { pages: PAGES, path: "/docs/why", follow };
  act(() =>
    root.render(
      <SiteContext.Provider value={site}>
        <Answer
          item={item}
          live={live}
          sharer={undefined}
          rating={undefined}
          onRate={() => undefined}
          onAgain={undefined}
        />
      </SiteContext.Provider>,
    ),
  );
  return place;
}

const texts = (selector: string) => [...place.querySelectorAll(selector)].map((element) => element.textContent);

it("shows headings, lists, tables and code", () => {
  show("# One\n\n1. a\n2. b\n\n- [x] c\n\n| h |\n| - |\n| d |\n\n```ts title=x\ne < f\n```\n\n> g");
  expect(texts("h3")).toEqual(["One"]);
  expect(texts("ol:not(.sources) li")).toEqual(["a", "b"]);
  expect(place.querySelector("input")?.checked).toBe(true);
  expect(texts("td")).toEqual(["d"]);
  expect(texts("pre code")).toEqual(["e < f"]);
  expect(texts("blockquote p")).toEqual(["g"]);
});

it("shows HTML as the text it is", () => {
  show('<script>alert(1)</script>\n\nA <img src=x onerror="alert(1)"> and <b>b</b>.\n\n<iframe src="/"></iframe>');
  expect(place.querySelector("script,img,iframe,b")).toBeNull();
  expect(place.textContent).toContain('<img src=x onerror="alert(1)">');
});

it("takes the link from what must not be followed, and keeps its words", () => {
  show("[a](javascript:alert(1)) [b](data:text/html,x) ![c](https://t.example/pixel.png) [d](mailto:d@b.example)");
  const links = [...place.querySelectorAll("p a")].map((link) => [link.textContent, link.getAttribute("href")]);
  expect(links).toEqual([
    ["c", "https://t.example/pixel.png"],
    ["d", "mailto:d@b.example"],
  ]);
  expect(place.textContent).toContain("a b");
});

it("decodes character references once", () => {
  show("a &lt; b &amp;lt; c &unknown; &#128578;");
  expect(texts("p")).toEqual(["a < b &lt; c &unknown; 🙂"]);
});

it.each([
  ["plain text.", 5, "plain1 text."],
  ["**bold.** then", 9, "bold.1 then"],
  ["**bold** then", 6, "bold1 then"],
  ["- item\n- other", 6, "item1"],
  ["a `code` b", 8, "a code1 b"],
  ["a `code` b", 5, "a code1 b"],
  ["see [it](/docs/why) now", 7, "see it1 now"],
  ["🙂 *so* it", 6, "🙂 so1 it"],
  ["at https://x.example now", 20, "at https://x.example1 now"],
])("marks a citation in %j at %i", (text, index, shown) => {
  show(text, [index]);
  expect(texts("p, .answer > ul > li:first-child")[0]).toBe(shown);
  expect(texts("a.cite")).toEqual(["1"]);
});

it("marks citations in tables, and behind code blocks instead of in them", () => {
  const table = "| h |\n| - |\n| d |";
  show(table, [table.length]);
  expect(texts("td")).toEqual(["d 1"]);
  const fence = "```\ncode\n```";
  show(fence, [6]);
  expect(texts("pre")).toEqual(["code"]);
  expect(texts("a.cite")).toEqual(["1"]);
});

it("leads a citation to the page here, by its number and its name", () => {
  show("So.", [2]);
  const mark = place.querySelector<HTMLAnchorElement>("a.cite");
  expect(mark?.getAttribute("href")).toBe("/docs/why#because");
  expect(mark?.getAttribute("aria-label")).toBe("Source 1: Because");
  act(() => mark?.click());
  expect(follow).toHaveBeenCalledWith("/docs/why#because", ["It is because."], ["So"]);
});

it("lists each source once, with where it stands and whether that is here", () => {
  show("So. And so.", [2, 10]);
  expect(texts(".sources .heading")).toEqual(["Because"]);
  expect(texts(".sources .place")).toEqual(["One › Why · this page"]);
});

it("breaks the line in a cell, and takes no other markup for what it is", () => {
  show("| h |\n| - |\n| one<br>two<BR />three <b>x</b> |");
  expect(place.querySelectorAll("td br")).toHaveLength(2);
  expect(texts("td")).toEqual(["onetwothree <b>x</b>"]);
});

it.each([
  ["これは**「重要」**です", "「重要」"],
  ["ここは**重要。**次の文", "重要。"],
  ["、**重要**、", "重要"],
  ["注意**（必読）**の節", "（必読）"],
  ["这是**“重点”**内容", "“重点”"],
  ["이것은 **‘중요’**입니다", "‘중요’"],
])("prints in bold what %s marks so", (text, bold) => {
  show(text);
  expect(texts("strong")).toEqual([bold]);
  expect(place.querySelector("p")?.textContent).not.toContain("*");
});

it("reads stars between words with spaces as before", () => {
  show('2**(3)**4 and **"so"**he and 2 ** 3 ** 日本');
  expect(texts("strong")).toEqual([]);
});

it("marks a citation in bold print without spaces", () => {
  show("これは**重要。**次", [8]);
  expect(texts("strong")).toEqual(["重要。1"]);
});

const QUOTED = "The book says nearby:\n\n> First.\n\n> Second, *longer*.\n> It goes on.\n>\n> And on.\n\n> - third";
const folds = () => [...place.querySelectorAll<HTMLButtonElement>(".folded button")];

it("folds every quotation but the first to how it begins, with its citation", () => {
  show(QUOTED, [QUOTED.indexOf("And on.") + 7]);
  expect(texts("blockquote:not(.folded)")).toEqual(["First."]);
  expect(folds().map((fold) => [fold.textContent, fold.getAttribute("aria-expanded")])).toEqual([
    ["Second, longer. It goes on.", "false"],
    ["third", "false"],
  ]);
  expect(texts(".line .cite")).toEqual(["1"]);
  const id = folds()[0]?.getAttribute("aria-controls");
  expect(place.querySelector(`.folded > [id="${id}"]`)?.textContent).toBe("Second, longer.\nIt goes on.And on.1");
});

it("folds a table to its head, without its markup", () => {
  show("> One.\n\n> | Name | *Default* |\n> |---|---|\n> | port | `8000` |");
  expect(folds().map((fold) => fold.textContent)).toEqual(["Name · Default"]);
});

it("unfolds and folds again, each by its own button", () => {
  show(QUOTED, [QUOTED.indexOf("And on.") + 7]);
  act(() => folds()[0]?.click());
  expect(folds().map((fold) => fold.getAttribute("aria-expanded"))).toEqual(["true", "false"]);
  expect(folds()[0]?.textContent).toBe("Second, longer. It goes on.");
  expect(texts(".line .cite")).toEqual([]);
  act(() => folds()[0]?.click());
  expect(texts(".line .cite")).toEqual(["1"]);
});

it("folds a quotation from its first word, and keeps it as the reader left it while it grows", () => {
  show("> One.\n\n> Tw", [], true);
  expect(folds().map((fold) => fold.textContent)).toEqual(["Tw"]);
  act(() => folds()[0]?.click());
  show("> One.\n\n> Two words.\n\nAnd", [], true);
  expect(folds().map((fold) => fold.getAttribute("aria-expanded"))).toEqual(["true"]);
});

it("holds back sources and unfinished marks while the answer is being written", () => {
  show("It is **very", [2], true);
  expect(texts("strong")).toEqual(["very"]);
  expect(texts("a.cite")).toEqual(["1"]);
  expect(place.querySelector(".sources")).toBeNull();
});
