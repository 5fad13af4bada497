// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { completedSentences } from "../client/panel/view/sentences";
import { resolveLink } from "../client/site/links";
import {
  type ArticleHeading,
  indexPages,
  pageContext,
  readPage,
  scopesOf,
  starterQuestions,
} from "../client/site/page";

const entry = { title: "A", chapter: 1, chapterTitle: "One", lesson: "a" };
const pages = indexPages({ "/book/docs/a": entry, "/book/docs/größe/": entry, "/book/": entry });
const here = "http://localhost:8000/book/docs/a";

describe("indexPages", () => {
  it.each([
    ["/book/docs/a", "/book/docs/a"],
    ["/book/docs/a/", "/book/docs/a"],
    ["/book/docs/a/index.html", "/book/docs/a"],
    ["/book/docs/gr%C3%B6%C3%9Fe", "/book/docs/größe/"],
    ["/book", "/book/"],
    ["/book/docs/b", null],
    ["/book/docs/%E0%A4%A", null],
  ])("finds %s", (path, found) => {
    expect(pages.find(path)).toBe(found);
  });
});

describe("resolveLink", () => {
  it("takes the book's public address for a page of this site", () => {
    const target = resolveLink("https://book.example/book/docs/a/#how", here, pages);
    expect(target).toEqual({ href: "/book/docs/a#how", path: "/book/docs/a", hash: "#how" });
  });

  it("resolves what is relative", () => {
    expect(resolveLink("#how", here, pages)?.href).toBe("/book/docs/a#how");
    expect(resolveLink("a", here, pages)?.path).toBe("/book/docs/a");
  });

  it("leads elsewhere for what the table does not know", () => {
    expect(resolveLink("https://elsewhere.example/x", here, pages)).toMatchObject({ path: null });
    expect(resolveLink("mailto:a@b.example", here, pages)?.href).toBe("mailto:a@b.example");
  });

  it.each([
    "javascript:alert(1)",
    " java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc",
    "http://[",
  ])("is no link: %s", (href) => {
    expect(resolveLink(href, here, pages)).toBeNull();
  });
});

describe("a page's questions and scopes", () => {
  const page = {
    path: "/a",
    title: "A",
    chapter: 1,
    lesson: "a",
    docsInstance: "default",
    known: true,
    headings: [] as ArticleHeading[],
  };
  const patterns = ["What is “{topic}”?", "Explain “{topic}”", "Remember “{topic}”?"];

  it("come from its headings, and take a question as it is", () => {
    const headings = ["Why overlap?", "Sizes $& more", "C", "D"].map((text) => ({ text, anchor: text[0] ?? null }));
    expect(starterQuestions({ ...page, headings }, patterns)).toEqual([
      { text: "Why overlap?", about: { path: "/a", anchor: "W" } },
      { text: "Explain “Sizes $& more”", about: { path: "/a", anchor: "S" } },
      { text: "Remember “C”?", about: { path: "/a", anchor: "C" } },
    ]);
    expect(starterQuestions({ ...page, headings, known: false }, patterns)[0]?.about).toBeNull();
  });

  it("come from its title where it has no headings", () => {
    expect(starterQuestions(page, patterns)).toEqual([{ text: "What is “A”?", about: { path: "/a", anchor: null } }]);
    expect(starterQuestions({ ...page, title: "" }, patterns)).toEqual([]);
  });

  it("offer only scopes that mean something there", () => {
    expect(scopesOf(page)).toEqual(["full_book", "current_chapter", "current_page"]);
    expect(scopesOf({ ...page, chapter: null })).toEqual(["full_book", "current_page"]);
    expect(scopesOf({ ...page, known: false })).toEqual(["full_book"]);
  });
});

it("announces whole sentences, without markup", () => {
  const first = completedSentences("A **bold** claim. And `mo", 0);
  expect(first.said).toBe("A bold claim.");
  expect(completedSentences("A **bold** claim. And `more`.\n", first.upTo).said).toBe("And more .");
  expect(completedSentences("No end", 0)).toEqual({ said: "", upTo: 0 });
});

describe("what a request says about the page", () => {
  const table = { "/a": entry, "/sdk/a": { ...entry, docsInstance: "sdk" } };
  const about = (path: string) => {
    history.replaceState(null, "", path);
    return pageContext(readPage(document, indexPages(table)));
  };

  it("is its docs instance, and the site's locale", () => {
    const place = { current_chapter: 1, current_lesson: "a", locale: "en" };
    expect(about("/a")).toEqual({ path: "/a", docs_instance: "default", ...place });
    expect(about("/sdk/a/")).toEqual({ path: "/sdk/a", docs_instance: "sdk", ...place });
  });

  it("is no instance for a page that the table does not know", () => {
    expect(about("/tags")).toEqual({ path: "/tags", current_chapter: null, current_lesson: null, locale: "en" });
  });
});
