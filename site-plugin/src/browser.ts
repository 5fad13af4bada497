/** What the browser half of the plugin gets from this one. */

import type {
  ClientOptions,
  Messages,
  PageAction,
  PageExtras,
  PageTable,
  PanelMessages,
  ShareMessages,
} from "./contract";
import { messagesOf } from "./messages/index";
import type { PluginOptions } from "./options";
import type { FoundBook } from "./pages";

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
  const { assistantUrl, consent, shortcut } = options;
  const { title, failed } = wordsOf(options, site.language);
  const avatar = options.avatar && { ...options.avatar, src: ownAddress(options.avatar.src, site) };
  const page = pageActions(options).length > 0 ? true : undefined;
  const asked = options.askedBefore ? `booklight:asked:${assistantUrl}` : "";
  return { assistantUrl, title, failed, avatar, consent, shortcut, page, asked };
}

/** Return what is loaded with what stands on the page itself. */
export function pageExtras(options: PluginOptions, { baseUrl, language }: SiteOfLocale): PageExtras {
  const { copyPage, openMarkdown, copied, notDone, askedBefore, askedBeforeCount, untitled } = wordsOf(
    options,
    language,
  );
  const words = { copyPage, openMarkdown, copied, notDone, askedBefore, askedBeforeCount, untitled };
  return { actions: pageActions(options), home: baseUrl, words };
}

function pageActions({ llmsTxt, copyPage, openMarkdown }: PluginOptions): PageAction[] {
  const wanted = { copy: copyPage, open: openMarkdown };
  return llmsTxt ? (["copy", "open"] as const).filter((action) => wanted[action]) : [];
}

/** The sentences of sharing, which are loaded with it. */
const SHARING = [
  "shareNote",
  "copyLink",
  "linkCopied",
  "sharedUntil",
  "stopSharing",
  "shareEnded",
  "sharedAnswer",
  "sharedGone",
] as const satisfies (keyof Messages)[];
/** The sentences that the panel does not load. */
const NOT_OF_PANEL: readonly string[] = [
  ...(["title", "failed", "copyPage", "openMarkdown", "askedBefore", "askedBeforeCount"] satisfies (keyof Messages)[]),
  ...SHARING,
];

/** Return the sentences of the panel in `language`, the author's own among them. */
export function panelMessages(options: PluginOptions, language: string): PanelMessages {
  const words = Object.entries(wordsOf(options, language)).filter(([name]) => !NOT_OF_PANEL.includes(name));
  return Object.fromEntries(words) as unknown as PanelMessages;
}

/** Return the sentences of what shares an answer, and of a shared one, in `language`. */
export function shareMessages(options: PluginOptions, language: string): ShareMessages {
  const words = wordsOf(options, language);
  return Object.fromEntries(SHARING.map((name) => [name, words[name]])) as ShareMessages;
}

function wordsOf(options: PluginOptions, language: string): Messages {
  const words = messagesOf(language);
  const { title = words.title, placeholder = words.placeholder, greeting = words.greeting } = options;
  return { ...words, ...options.strings, title, placeholder, greeting };
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
