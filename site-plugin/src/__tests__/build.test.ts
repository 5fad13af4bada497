import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Book } from "../book";
import { readCommit, writeBook } from "../build";
import { collectPages } from "../pages";
import { sampleContent } from "./fixtures/index";

const found = collectPages(sampleContent(), { baseUrl: "/book/", trailingSlash: true, locale: "en", format: "mdx" });
let siteDir: string;
let warnings: string[];

beforeEach(() => {
  siteDir = mkdtempSync(join(tmpdir(), "booklight-build-"));
  warnings = [];
  for (const { file } of found.pages) writePage(file, '<main><h2 id="a">A</h2></main>');
});

afterEach(() => rmSync(siteDir, { recursive: true }));

function writePage(file: string, html: string): void {
  const path = join(siteDir, "build", file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, html);
}

async function write(outDir = join(siteDir, "build"), noIndex = false): Promise<Book> {
  const site = {
    noIndex,
    title: "Robots",
    url: "https://example.com",
    baseUrl: "/book/",
    locale: "en",
    locales: ["en", "ur"],
    markdown: true,
    siteDir,
    outDir,
  };
  const file = await writeBook(found, site, (message) => warnings.push(message));
  return JSON.parse(readFileSync(file, "utf8")) as Book;
}

test("the book lies in the build and says where its sources are", async () => {
  const book = await write();
  expect(readdirSync(join(siteDir, "build", "booklight"))).toEqual(["pages.json"]);
  expect(book.site).toEqual({
    title: "Robots",
    url: "https://example.com",
    baseUrl: "/book/",
    locale: "en",
    locales: ["en", "ur"],
    siteDir: "../../",
    commit: await readCommit(siteDir),
    markdown: true,
  });
  expect(book.pages).toHaveLength(10);
  expect(book.pages.every(({ headings }) => headings?.[0]?.id === "a")).toBe(true);
  expect(warnings).toEqual([]);
});

test("the build folder may be anywhere", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "booklight-out-"));
  const { site } = await write(elsewhere);
  rmSync(elsewhere, { recursive: true });
  expect(join(elsewhere, "booklight", site.siteDir)).toBe(`${siteDir}/`);
});

test("a page without HTML is left out with its chapter, and said to be", async () => {
  rmSync(join(siteDir, "build", "docs", "appendix"), { recursive: true });
  const { pages, chapters } = await write();
  expect(pages).toHaveLength(9);
  expect(chapters.map(({ title }) => title)).toEqual(["Basics", "Robots", "Arms"]);
  expect(warnings).toEqual([
    "left out of pages.json, since the build has no HTML for them: \n- docs/99-appendix/glossary.md (docs/appendix/glossary/index.html)",
  ]);
});

test("ids that headings share are kept, and said to be shared", async () => {
  writePage("about/index.html", "<main><h2 id=a>A</h2><h2 id=b>B</h2><h3 id=a>C</h3></main>");
  const { pages } = await write();
  expect(pages.at(-1)?.headings?.map(({ id }) => id)).toEqual(["a", "b", "a"]);
  expect(warnings).toEqual(["headings share an id, and links lead to the first of them: \n- src/pages/about.md (#a)"]);
});

test("a long warning names some and counts the rest", async () => {
  const headings = Array.from({ length: 12 }, (_, at) => `<h2 id=a${at}>A</h2><h2 id=a${at}>A</h2>`);
  writePage("about/index.html", `<main>${headings.join("")}</main>`);
  await write();
  expect(warnings[0]?.split("\n")).toHaveLength(12);
  expect(warnings[0]).toMatch(/and 2 more$/);
});

test("a page that says noindex to robots is left out, unless the whole site says so", async () => {
  writePage("about/index.html", '<head><meta name="robots" content="noindex"></head><main></main>');
  expect((await write()).pages).toHaveLength(9);
  expect((await write(undefined, true)).pages).toHaveLength(10);
  expect(warnings).toEqual([]);
});

test("a second build replaces the book of the first", async () => {
  await write();
  rmSync(join(siteDir, "build", "about"), { recursive: true });
  expect((await write()).pages).toHaveLength(9);
});

test("the commit is git's, else the host's, else unknown", async () => {
  expect(await readCommit(siteDir, {})).toBeNull();
  expect(await readCommit(siteDir, { GITHUB_SHA: "", CI_COMMIT_SHA: "c0ffee" })).toBe("c0ffee");
  expect(await readCommit(siteDir, { GITHUB_SHA: "c0ffee", BOOKLIGHT_COMMIT: "given" })).toBe("given");
  const env = { PATH: process.env.PATH, HOME: siteDir };
  const git = (...command: string[]) => execFileSync("git", command, { cwd: siteDir, encoding: "utf8", env });
  git("init", "--quiet");
  git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "-m", "First");
  expect(await readCommit(siteDir, { GITHUB_SHA: "c0ffee" })).toBe(git("rev-parse", "HEAD").trim());
});
