import { expect, test } from "vitest";
import type { Page } from "../book";
import { buildPageTable } from "../browser";
import type { ChapterOption } from "../options";
import { collectPages } from "../pages";
import { docOf, siteOf, versionOf } from "./books";
import { sampleContent, sampleContentInUrdu } from "./fixtures/index";

const english = { baseUrl: "/book/", trailingSlash: undefined, locale: "en", format: "mdx" } as const;

function samplePages(chapter?: ChapterOption): Map<string, Page> {
  const { pages } = collectPages(sampleContent(), english, chapter ? { chapter, exclude: [] } : undefined);
  return new Map(pages.map(({ page }) => [page.path, page]));
}

test("pages are in reading order, with everything Docusaurus knows of them", () => {
  const pages = samplePages();
  expect([...pages.keys()]).toEqual([
    "/book/docs/",
    "/book/docs/category/basics",
    "/book/docs/basics/first",
    "/book/docs/basics/second-id",
    "/book/docs/robots/",
    "/book/docs/robots/arms/arm",
    "/book/docs/appendix/glossary",
    "/book/docs/orphan",
    "/book/blog/post",
    "/book/about",
  ]);
  expect(pages.get("/book/docs/robots/arms/arm")).toEqual({
    path: "/book/docs/robots/arms/arm",
    source: "docs/02-robots/01-arms/01-arm.md",
    title: "Arm one",
    chapter: 1,
    chapterPath: "/book/docs/robots/arms",
    lesson: "arm",
    breadcrumbs: ["Robots", "Arms"],
    docsInstance: "default",
    docsVersion: "current",
    lastVersion: true,
    locale: "en",
    format: "mdx",
    listed: true,
  });
});

test("chapters are identified by the page or folder they stand at", () => {
  expect(collectPages(sampleContent(), english).chapters).toEqual([
    { number: 1, title: "Basics", path: "/book/docs/category/basics" },
    { number: 2, title: "Robots", path: "/book/docs/robots/" },
    { number: 1, title: "Arms", path: "/book/docs/robots/arms" },
    { number: 99, title: "Appendix", path: "/book/docs/appendix" },
  ]);
});

test("a list that Docusaurus makes of a category is a page without a source, and the chapter's own", () => {
  expect(samplePages().get("/book/docs/category/basics")).toMatchObject({
    source: null,
    format: null,
    title: "Basics",
    chapter: 1,
    chapterPath: "/book/docs/category/basics",
    lesson: null,
    breadcrumbs: [],
  });
});

test("the id of a heading is no part of a title", () => {
  expect(samplePages().get("/book/docs/basics/second-id")?.title).toBe("Second code Lesson");
});

test.each([
  ["Fo\0rced", "Forced"],
  ["Tab\tand\u001f bell\u0007", "Tab and bell"],
  ["\u009fC1", "C1"],
])("control characters are no part of the title %j", (title, cleaned) => {
  const { pages } = collectPages(siteOf(versionOf([{ ...docOf("a"), title }])), english);
  expect(pages[0]?.page.title).toBe(cleaned);
});

test("a chapter's own page is no lesson, and is not below itself", () => {
  const page = samplePages().get("/book/docs/robots/");
  expect(page).toMatchObject({ chapter: 2, chapterPath: "/book/docs/robots/", lesson: null, breadcrumbs: [] });
});

test.each(["/book/docs/", "/book/docs/orphan", "/book/blog/post", "/book/about"])("%s has no chapter", (path) => {
  expect(samplePages().get(path)).toMatchObject({ chapter: null, chapterPath: null, lesson: null, breadcrumbs: [] });
});

test.each([
  [true, "/book/docs/robots/", "/book/docs/robots/arms/"],
  [false, "/book/docs/robots", "/book/docs/robots/arms"],
])("with trailingSlash %s, chapters and pages are spelt alike", (trailingSlash, index, folder) => {
  const { pages, chapters } = collectPages(sampleContent(), { ...english, trailingSlash });
  expect(pages.map(({ page }) => page.path)).toContain(index);
  expect(chapters.map(({ path }) => path)).toEqual(expect.arrayContaining([index, folder]));
});

test("a locale has its own routes, sources and labels, and the same numbers", () => {
  const { pages, chapters } = collectPages(sampleContentInUrdu(), { ...english, baseUrl: "/book/ur/", locale: "ur" });
  expect(pages.find(({ page }) => page.path === "/book/ur/docs/basics/first")?.page).toMatchObject({
    source: "i18n/ur/docusaurus-plugin-content-docs/current/01-basics/01-first.mdx",
    title: "پہلا سبق",
    breadcrumbs: ["بنیادیں"],
    locale: "ur",
  });
  expect(chapters.map(({ number }) => number)).toEqual([1, 2, 1, 99]);
});

test("the widget's table has what it shows and sends, page by page", () => {
  const table = buildPageTable(collectPages(sampleContent(), english));
  expect(table["/book/docs/robots/arms/arm"]).toEqual({
    title: "Arm one",
    chapter: 1,
    chapterTitle: "Arms",
    lesson: "arm",
  });
  expect(table["/book/about"]).toEqual({
    title: "About",
    chapter: null,
    chapterTitle: null,
    lesson: null,
    docsInstance: "pages/default",
  });
});

test("an author can leave a page out of every chapter", () => {
  const pages = samplePages((page) => (page.source?.includes("99-appendix") ? null : page.chapter));
  expect(pages.get("/book/docs/appendix/glossary")).toMatchObject({ chapter: null, chapterPath: null, lesson: null });
  expect(pages.get("/book/docs/basics/first")?.chapter).toBe(1);
});

test("an author can pick the level of a deep book that counts as chapter", () => {
  const pages = samplePages(({ source }) => Number(/^docs\/(\d+)/.exec(source ?? "")?.[1]) || null);
  expect(pages.get("/book/docs/robots/arms/arm")).toMatchObject({ chapter: 2, chapterPath: "/book/docs/robots/" });
});

test("an author can renumber chapters, and number pages that have none", () => {
  const { pages, chapters } = collectPages(sampleContent(), english, {
    chapter: ({ chapter }) => (chapter ?? 0) + 100,
    exclude: [],
  });
  expect(chapters).toContainEqual({ number: 102, title: "Robots", path: "/book/docs/robots/" });
  expect(chapters).toContainEqual({ number: 100, title: "Chapter 100", path: "/book/docs#chapter-100" });
  expect(pages[0]?.page).toMatchObject({ chapter: 100, chapterPath: "/book/docs#chapter-100", lesson: "docs" });
});

test.each([undefined, "3", 1.5, Number.NaN])("a chapter option that returns %j is told where", (answer) => {
  const override = (() => answer) as unknown as ChapterOption;
  expect(() => samplePages(override)).toThrow(/the option "chapter" returned .* for docs\/index.md; it must return/);
});

test.each([
  [["docs/02-robots/**"], 2],
  [["docs/robots/**"], 2],
  [["/docs/robots/**"], 2],
  [["**/01-*/**"], 3],
  [["docs/category/*"], 1],
  [["blog/**", "about"], 2],
  [["robots/**", "/book/docs/**", "02-robots"], 0],
  [["**"], 10],
])("exclude %j keeps %i pages out", (exclude, out) => {
  expect(collectPages(sampleContent(), english, { exclude }).pages).toHaveLength(10 - out);
});

test("a chapter whose pages are all kept out is none, and the others keep their numbers", () => {
  const { chapters } = collectPages(sampleContent(), english, { exclude: ["docs/appendix/**", "docs/basics/*"] });
  expect(chapters.map(({ number, title }) => [number, title])).toEqual([
    [1, "Basics"],
    [2, "Robots"],
    [1, "Arms"],
  ]);
});
