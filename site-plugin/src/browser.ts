/** What the browser half of the plugin gets from this one. */

import type { ClientOptions, PageTable } from "./contract";
import type { PluginOptions } from "./options";
import type { FoundBook } from "./pages";

/** The launcher's name by language: the launcher is on every page, before any message file is loaded. */
const TITLES: Readonly<Record<string, string>> = {
  ar: "اسأل هذا الكتاب",
  de: "Frag dieses Buch",
  en: "Ask this book",
  es: "Pregunta a este libro",
  fr: "Interroger ce livre",
  zh: "向本书提问",
};

/** Return the part of the options that readers' browsers get: no function, and nothing they must not know. */
export function clientOptions(options: PluginOptions, language: string): ClientOptions {
  const { assistantUrl, title, placeholder = null, greeting = null, consent = null, shortcut } = options;
  return { assistantUrl, title: title ?? titleIn(language), placeholder, greeting, consent, shortcut };
}

function titleIn(language: string): string {
  return TITLES[language.toLowerCase().split("-")[0] ?? ""] ?? "Ask this book";
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
