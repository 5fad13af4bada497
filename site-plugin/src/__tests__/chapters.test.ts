import { expect, test } from "vitest";
import type { Chapter } from "../book";
import type { SiteContent } from "../content";
import { collectPages } from "../pages";
import { bookOf, category, doc, docOf, siteOf, versionOf } from "./books";

const site = { baseUrl: "/", trailingSlash: undefined, locale: "en", format: "mdx" } as const;
const linkTo = (id: string) => ({ link: { type: "doc", id } as const });

/** Each page's path with its chapter's number and path and its lesson. */
function membersOf(content: SiteContent): Record<string, [number | null, string | null, string | null]> {
  const { pages } = collectPages(content, site);
  return Object.fromEntries(pages.map(({ page }) => [page.path, [page.chapter, page.chapterPath, page.lesson]]));
}

function chaptersOf(content: SiteContent): readonly Chapter[] {
  return collectPages(content, site).chapters;
}

test("in a book of parts the innermost folder is the chapter, and numbers may repeat", () => {
  const files = {
    "01-basics/01-start/01-a": {},
    "02-arms/index": {},
    "02-arms/01-start/01-b": {},
    "02-arms/07-grip/01-c": {},
  };
  const sidebar = [
    category("Basics", [category("Start", ["basics/start/a"])]),
    category(
      "Arms",
      [category("Start", ["arms/start/b"]), category("Chapter 7", ["arms/grip/c"])],
      linkTo("arms/index"),
    ),
  ];
  expect(membersOf(bookOf(files, sidebar))).toEqual({
    "/docs/basics/start/a": [1, "/docs/basics/start", "a"],
    "/docs/arms/": [2, "/docs/arms/", null],
    "/docs/arms/start/b": [1, "/docs/arms/start", "b"],
    "/docs/arms/grip/c": [7, "/docs/arms/grip", "c"],
  });
});

test("without a sidebar the folders are the chapters, named by their own page or by their name", () => {
  const content = bookOf({
    intro: {},
    "03-getting-started/index": {},
    "03-getting-started/01-a": {},
    "deep-dives/x/b": {},
  });
  expect(membersOf(content)).toEqual({
    "/docs/intro": [null, null, null],
    "/docs/getting-started/": [3, "/docs/getting-started/", null],
    "/docs/getting-started/a": [3, "/docs/getting-started/", "a"],
    "/docs/deep-dives/x/b": [2, "/docs/deep-dives/x", "b"],
  });
  expect(chaptersOf(content).map(({ title }) => title)).toEqual(["The index", "X"]);
  expect(collectPages(content, site).pages.at(-1)?.page.breadcrumbs).toEqual(["Deep dives", "X"]);
});

test("a number comes from customProps, then front matter, then the folder's name, then the order in the sidebar", () => {
  const files = {
    "05-a/1": { chapter: 50 },
    "06-b/1": {},
    "06-b/2": { chapter: 60 },
    "07-c/1": {},
    "d/1": {},
    "e/1": { chapter: "IX" },
  };
  const sidebar = [
    category("A", ["a/1"], { customProps: { chapter: 500 } }),
    category("B", ["b/1", "b/2"]),
    category("C", ["c/1"], { customProps: { chapter: "seven" } }),
    category("D", ["d/1"]),
    category("E", ["e/1"]),
  ];
  expect(chaptersOf(bookOf(files, sidebar)).map(({ number }) => number)).toEqual([500, 60, 7, 4, 5]);
});

test("a page outside every folder can name its chapter", () => {
  expect(membersOf(bookOf({ a: { chapter: 4 }, b: { chapter: 4 }, c: {} }))).toEqual({
    "/docs/a": [4, "/docs#chapter-4", "a"],
    "/docs/b": [4, "/docs#chapter-4", "b"],
    "/docs/c": [null, null, null],
  });
});

test("categories without a folder of their own are told apart by their labels", () => {
  const files = { a: {}, b: {}, c: {}, "x/d": {}, "x/e": {} };
  const sidebar = [
    category("Für alle", ["a"]),
    category("Guide", ["b"]),
    category("Guide", ["c"]),
    category("X", ["x/d", category("Deep", ["x/e"])]),
  ];
  expect(chaptersOf(bookOf(files, sidebar))).toEqual([
    { number: 1, title: "Für alle", path: "/docs#f%C3%BCr-alle" },
    { number: 2, title: "Guide", path: "/docs#guide" },
    { number: 3, title: "Guide", path: "/docs#guide-2" },
    { number: 4, title: "X", path: "/docs/x" },
    { number: 5, title: "Deep", path: "/docs#deep" },
  ]);
});

test("lessons that are folders of their own belong to the chapter around them", () => {
  const files = {
    "07-arms/01-grip/index": {},
    "07-arms/02-lift/index": {},
    "08-legs/01-walk/index": {},
    "09-one/index": {},
  };
  const sidebar = [
    category("Arms", ["arms/grip/index", "arms/lift/index"]),
    category("Legs", ["legs/walk/index"]),
    category("One", ["one/index"]),
  ];
  expect(membersOf(bookOf(files, sidebar))).toEqual({
    "/docs/arms/grip/": [7, "/docs/arms", "grip"],
    "/docs/arms/lift/": [7, "/docs/arms", "lift"],
    "/docs/legs/walk/": [8, "/docs/legs", "walk"],
    "/docs/one/": [9, "/docs/one/", null],
  });
});

test("a page outside the sidebar joins the category of its folder", () => {
  const content = bookOf({ "02-arms/a": {}, "02-arms/hidden": {} }, [
    category("Arms", ["arms/a"], { link: { type: "generated-index", permalink: "/docs/category/arms" } }),
  ]);
  expect(membersOf(content)["/docs/arms/hidden"]).toEqual([2, "/docs/category/arms", "hidden"]);
  expect(chaptersOf(content)).toHaveLength(1);
});

test("a category may lead to a page that lies elsewhere", () => {
  const content = bookOf({ intro: {}, "02-arms/a": {} }, [category("Arms", ["arms/a"], linkTo("intro"))]);
  expect(membersOf(content)).toEqual({
    "/docs/intro": [2, "/docs/intro", null],
    "/docs/arms/a": [2, "/docs/intro", "a"],
  });
});

test("a page that stands twice counts where it stands first", () => {
  const content = bookOf({ "a/1": {}, "b/1": {} }, [category("A", ["a/1"]), category("B", ["b/1", "a/1"]), doc("a/1")]);
  expect(membersOf(content)["/docs/a/1"]).toEqual([1, "/docs/a", "1"]);
  expect(Object.keys(membersOf(content))).toHaveLength(2);
});

test.each([{ noindex: true }, { booklight: false }])(
  "a page with %j in its front matter is in no book",
  (frontMatter) => {
    const kept = [{ noindex: false }, { booklight: true }, {}].map((said, at) => docOf(`kept-${at}`, said));
    const { pages } = collectPages(siteOf(versionOf([docOf("out", frontMatter), ...kept])), site);
    expect(pages.map(({ page }) => page.lesson ?? page.path)).toEqual(["/docs/kept-0", "/docs/kept-1", "/docs/kept-2"]);
  },
);

test("drafts, unlisted pages and components are in no book", () => {
  const hidden = [{ ...docOf("a"), unlisted: true }, docOf("b", { unlisted: true }), docOf("c", { draft: true })];
  const component = { type: "jsx", permalink: "/", source: "@site/src/pages/index.tsx" } as const;
  const { pages } = collectPages(
    { ...siteOf(versionOf(hidden)), pages: [{ id: "default", content: [component] }] },
    site,
  );
  expect(pages).toEqual([]);
});

test("the last version comes first, each version is numbered for itself, and what has no versions is the last of its own", () => {
  const docs = [docOf("a/x"), docOf("b/y")];
  const next = versionOf(
    docs.map((one) => ({ ...one, permalink: one.permalink.replace("/docs", "/docs/next") })),
    [],
    {
      isLast: false,
      path: "/docs/next",
    },
  );
  const content = siteOf(next, versionOf(docs, [], { versionName: "2.0" }));
  const api = versionOf([{ ...docOf("z"), permalink: "/api/z" }], [], { path: "/api" });
  const about = {
    type: "mdx",
    permalink: "/about",
    source: "@site/src/pages/about.md",
    unlisted: false,
    frontMatter: {},
  } as const;
  const all = {
    ...content,
    docs: [...content.docs, { id: "api", content: { loadedVersions: [api] } }],
    pages: [{ id: "default", content: [about] }],
  };
  const { pages } = collectPages(all, site);
  expect(
    pages.map(({ page }) => [page.path, page.docsInstance, page.docsVersion, page.lastVersion, page.chapter]),
  ).toEqual([
    ["/docs/a/x", "default", "2.0", true, 1],
    ["/docs/b/y", "default", "2.0", true, 2],
    ["/docs/next/a/x", "default", "current", false, 1],
    ["/docs/next/b/y", "default", "current", false, 2],
    ["/api/z", "api", "current", true, null],
    ["/about", "pages/default", "current", true, null],
  ]);
});

test("a book may be nothing but pages, in folders or not, with or without titles", () => {
  const page = (path: string, more: object = {}) =>
    ({
      type: "mdx",
      permalink: `/${path}`,
      source: `@site/src/pages/${path}.md`,
      unlisted: false,
      frontMatter: {},
      ...more,
    }) as const;
  const content = {
    docs: [],
    blogs: [],
    pages: [{ id: "default", content: [page(""), page("my%20arms/"), page("my%20arms/grip", { title: "Grip" })] }],
  };
  expect(membersOf(content)).toEqual({
    "/": [null, null, null],
    "/my%20arms/": [1, "/my%20arms/", null],
    "/my%20arms/grip": [1, "/my%20arms/", "grip"],
  });
  expect(collectPages(content, site).pages.map(({ page }) => page.title)).toEqual(["Home", "My arms", "Grip"]);
});

test("a site without content has an empty book", () => {
  expect(collectPages({ docs: [], blogs: [], pages: [] }, site)).toEqual({ pages: [], chapters: [] });
});
