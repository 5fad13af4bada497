/** What the browser half of the plugin gets from this one. */

import type { ClientOptions, PageTable } from "./contract";
import type { PluginOptions } from "./options";
import type { FoundBook } from "./pages";

/** Return the part of the options that readers' browsers get: no function, and nothing they must not know. */
export function clientOptions({ assistantUrl, title, placeholder }: PluginOptions): ClientOptions {
  return { assistantUrl, title, placeholder };
}

/** Return what the panel looks up about pages. */
export function buildPageTable({ pages, chapters }: FoundBook): PageTable {
  const titles = new Map(chapters.map(({ path, title }) => [path, title]));
  const rows = pages.map(({ page: { path, title, chapter, chapterPath, lesson } }) => {
    const chapterTitle = (chapterPath !== null && titles.get(chapterPath)) || null;
    return [path, { title, chapter, chapterTitle, lesson }] as const;
  });
  return Object.fromEntries(rows);
}
