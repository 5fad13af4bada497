/** What the browser half of the plugin gets from this one. */

import type { ClientOptions, PageTable } from "./contract";
import type { PluginOptions } from "./options";
import type { FoundBook } from "./pages";

const ENGLISH = { title: "Ask this book", failed: "The assistant did not load. Try again, or reload the page." };

/** The launcher's words by language: it is on every page, before any message file is loaded. */
const WORDS: Readonly<Record<string, typeof ENGLISH>> = {
  ar: { title: "اسأل هذا الكتاب", failed: "تعذّر تحميل المساعد. حاول مرة أخرى أو أعد تحميل الصفحة." },
  de: {
    title: "Frag dieses Buch",
    failed: "Der Assistent wurde nicht geladen. Versuche es noch einmal, oder lade die Seite neu.",
  },
  es: {
    title: "Pregunta a este libro",
    failed: "El asistente no se ha cargado. Inténtalo de nuevo o recarga la página.",
  },
  fr: { title: "Interroger ce livre", failed: "L’assistant ne s’est pas chargé. Réessayez ou rechargez la page." },
  zh: { title: "向本书提问", failed: "助手未能加载。请重试，或重新加载页面。" },
};

/** The site as far as it decides what the browser gets: `baseUrl` and `language` are those of the locale. */
export interface SiteOfLocale {
  url: string;
  baseUrl: string;
  language: string;
}

/**
 * Return the part of the options that readers' browsers get: no function, and nothing they must not know. Throws an Error
 * for an avatar on another origin.
 */
export function clientOptions(options: PluginOptions, site: SiteOfLocale): ClientOptions {
  const { assistantUrl, placeholder, greeting, consent, shortcut } = options;
  const { failed, ...words } = WORDS[site.language.toLowerCase().split("-")[0] ?? ""] ?? ENGLISH;
  const title = options.title ?? words.title;
  const avatar = options.avatar && { ...options.avatar, src: ownAddress(options.avatar.src, site) };
  return { assistantUrl, title, failed, placeholder, greeting, avatar, consent, shortcut };
}

/** A file of the static folder lies below the base URL, as everywhere in Docusaurus. */
function ownAddress(src: string, { url, baseUrl }: SiteOfLocale): string {
  if (src.startsWith("/")) return src.startsWith(baseUrl) ? src : baseUrl + src.slice(1);
  if (new URL(src).origin === new URL(url).origin) return src;
  throw new Error(`docusaurus-plugin-booklight: "avatar.src" is ${JSON.stringify(src)}; it must be on ${url} itself`);
}

/** Return what the panel looks up about pages. */
export function buildPageTable({ pages, chapters }: FoundBook): PageTable {
  const titles = new Map(chapters.map(({ path, title }) => [path, title]));
  const rows = pages.map(({ page: { path, title, chapter, chapterPath, lesson, docsInstance } }) => {
    const chapterTitle = (chapterPath !== null && titles.get(chapterPath)) || null;
    const instance = docsInstance === "default" ? {} : { docsInstance };
    return [path, { title, chapter, chapterTitle, lesson, ...instance }] as const;
  });
  return Object.fromEntries(rows);
}
