/**
 * `llms.txt`: what the book holds, chapter by chapter, where readers' own assistants look for it. See llmstxt.org for the
 * form: a title, what the site is about, and lists of links under headings.
 */

import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Book, Page } from "./book";

const NAME = "llms.txt";

/** Write `llms.txt` into `outDir`, from the `pages.json` there. One that the site brings itself is left as it is. */
export async function writeLlms(pagesJson: string, tagline: string, outDir: string): Promise<void> {
  const file = join(outDir, NAME);
  if (await exists(file)) return;
  const book: Book = JSON.parse(await readFile(pagesJson, "utf8"));
  await writeFile(file, llmsText(book, tagline));
}

/**
 * Return the text: first the pages outside all chapters, then each chapter. Old versions, and what the sitemap leaves
 * out, are not in it.
 */
export function llmsText({ site, chapters, pages }: Book, tagline: string): string {
  const current = pages.filter(({ lastVersion, listed }) => lastVersion && listed);
  const link = ({ title, path }: Page) => `- [${title.replace(/[[\]]/g, "\\$&")}](${new URL(path, site.url)})`;
  const linksOf = (chapter: string | null) => current.filter(({ chapterPath }) => chapterPath === chapter).map(link);
  const sections = chapters.map(({ title, path }) => ({ title, links: linksOf(path) }));
  const blocks = [
    [`# ${site.title}`],
    tagline ? [`> ${tagline}`] : [],
    linksOf(null),
    ...sections.filter(({ links }) => links.length > 0).map(({ title, links }) => [`## ${title}`, "", ...links]),
  ];
  const written = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${written.join("\n\n")}\n`;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
