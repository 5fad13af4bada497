/** Writes `pages.json` into a finished build: the only part of the plugin that reads and writes files. */

import { execFile } from "node:child_process";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import type { Book, Page, Site } from "./book";
import { readBuiltPage, repeatedIds } from "./headings";
import type { FoundBook, FoundPage } from "./pages";

/** Where the commit stands on hosts that build from a copy without its history. */
const COMMIT_VARIABLES = [
  "GITHUB_SHA",
  "CI_COMMIT_SHA",
  "VERCEL_GIT_COMMIT_SHA",
  "COMMIT_REF",
  "CF_PAGES_COMMIT_SHA",
  "CIRCLE_SHA1",
  "BITBUCKET_COMMIT",
  "BUILD_SOURCEVERSION",
];

const NAMED_IN_A_WARNING = 10;

/**
 * What `pages.json` says of the site, and where the site and its build are on disk. With `noIndex`, every page of the
 * site has a robots tag, which then says nothing of the page.
 */
export interface Built extends Pick<Site, "title" | "url" | "baseUrl" | "locale" | "locales" | "markdown"> {
  readonly noIndex: boolean;
  readonly siteDir: string;
  readonly outDir: string;
}

/** Write `booklight/pages.json` below `outDir` and return its path; `warn` is told what is wrong with the build. */
export async function writeBook(found: FoundBook, built: Built, warn: (message: string) => void): Promise<string> {
  const { siteDir, outDir, noIndex, ...site } = built;
  const file = join(outDir, "booklight", "pages.json");
  const pages = await readBuiltPages(found.pages, built, warn);
  const chapterPaths = new Set(pages.map(({ chapterPath }) => chapterPath));
  const book: Book = {
    version: 1,
    site: { ...site, siteDir: relativeFolder(dirname(file), siteDir), commit: await readCommit(siteDir) },
    chapters: found.chapters.filter(({ path }) => chapterPaths.has(path)),
    pages,
  };
  await writeWhole(file, `${JSON.stringify(book, null, 1)}\n`);
  return file;
}

/** Return the commit the site is at: the one given, or as git says, or else the host that builds it; null if none. */
export async function readCommit(
  siteDir: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  if (environment.BOOKLIGHT_COMMIT) return environment.BOOKLIGHT_COMMIT;
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd: siteDir });
    return stdout.trim();
  } catch {
    const variable = COMMIT_VARIABLES.find((name) => environment[name]);
    return (variable && environment[variable]) || null;
  }
}

async function readBuiltPages(
  found: readonly FoundPage[],
  { outDir, noIndex }: Built,
  warn: (message: string) => void,
): Promise<Page[]> {
  const pages: Page[] = [];
  const missing: string[] = [];
  const repeated: string[] = [];
  for (const { page, file } of found) {
    const html = await readIfThere(join(outDir, file));
    if (html === null) {
      missing.push(`${page.source ?? page.path} (${file})`);
      continue;
    }
    const { title, headings, isKeptFromRobots } = readBuiltPage(html);
    if (isKeptFromRobots && !noIndex) continue;
    repeated.push(...repeatedIds(headings).map((id) => `${page.source ?? page.path} (#${id})`));
    pages.push({ ...page, title: page.title || title || page.path, headings });
  }
  if (missing.length > 0) warn(`left out of pages.json, since the build has no HTML for them: ${list(missing)}`);
  if (repeated.length > 0) warn(`headings share an id, and links lead to the first of them: ${list(repeated)}`);
  return pages;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Readers of the file see the old one or the new one, never half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(draft, text);
  await rename(draft, file);
}

function relativeFolder(from: string, to: string): string {
  return `${relative(from, to).split(sep).join("/")}/`;
}

function list(items: readonly string[]): string {
  const more = items.length - NAMED_IN_A_WARNING;
  const named = items.slice(0, NAMED_IN_A_WARNING).map((item) => `\n- ${item}`);
  return named.join("") + (more > 0 ? `\n- and ${more} more` : "");
}
