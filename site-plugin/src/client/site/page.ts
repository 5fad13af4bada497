/** Which page the reader is on, and what the generated page table says about it. */

import i18n from "@generated/i18n";
import type { PageTable } from "../../contract";
import { findArticle } from "./article";
import { headingText } from "./text";

const STARTERS = 3;

/** Where to look. */
export type Scope = "current_page" | "current_chapter" | "full_book";

/** The page a reader is on. `docs_instance` is left out for one that the page table does not know. */
export interface PageContext {
  path: string;
  current_chapter: number | null;
  current_lesson: string | null;
  locale: string;
  docs_instance?: string;
}

/** Where a section stands; `anchor` is null for what precedes the first heading of its page. */
export interface SectionAddress {
  path: string;
  anchor: string | null;
}

/** What a reader may ask; `about` is the section that it was made from, null for their own words. */
export interface Suggestion {
  text: string;
  about: SectionAddress | null;
}

/** A heading in the article. */
export interface ArticleHeading {
  text: string;
  anchor: string | null;
}

/** The page a question is about. Pages outside the table, such as a list of tags, are `known: false`. */
export interface CurrentPage {
  path: string;
  title: string;
  chapter: number | null;
  lesson: string | null;
  /** The docs instance of a known page. */
  docsInstance: string | null;
  known: boolean;
  headings: readonly ArticleHeading[];
}

/** The page table, searchable by any spelling of a path. */
export interface PageIndex {
  table: PageTable;
  find(path: string): string | null;
}

/** Index `table` so that trailing slashes, `index.html` and percent-encoding make no difference. */
export function indexPages(table: PageTable): PageIndex {
  const paths = new Map(Object.keys(table).map((path) => [normalize(path), path]));
  return { table, find: (path) => paths.get(normalize(path)) ?? null };
}

/** Load the table that the plugin generated with the site. */
export async function loadPages(): Promise<PageIndex> {
  const { default: table } = await import("@generated/docusaurus-plugin-booklight/default/pages.json");
  return indexPages(table);
}

/** Describe the page now shown; its title comes from the article, since `document.title` lags behind navigation. */
export function readPage(page: Document, pages: PageIndex): CurrentPage {
  const path = pages.find(page.location.pathname);
  const entry = path === null ? null : pages.table[path];
  const article = findArticle(page);
  const title = page.querySelector("article h1");
  const headings = article ? Array.from(article.querySelectorAll("h2"), readHeading) : [];
  return {
    path: path ?? page.location.pathname,
    title: title ? headingText(title) : (entry?.title ?? ""),
    chapter: entry?.chapter ?? null,
    lesson: entry?.lesson ?? null,
    docsInstance: entry ? (entry.docsInstance ?? "default") : null,
    known: entry !== null && entry !== undefined,
    headings: headings.filter(({ text }) => text !== ""),
  };
}

/** Return the scopes that mean something on `page`, the widest first. */
export function scopesOf(page: CurrentPage): Scope[] {
  if (!page.known) return ["full_book"];
  return page.chapter === null ? ["full_book", "current_page"] : ["full_book", "current_chapter", "current_page"];
}

/** Return what a request says about `page`. */
export function pageContext(page: CurrentPage): PageContext {
  const { path, chapter, lesson, docsInstance } = page;
  const instance = docsInstance === null ? {} : { docs_instance: docsInstance };
  return { path, current_chapter: chapter, current_lesson: lesson, locale: i18n.currentLocale, ...instance };
}

/** Return up to three questions to begin with, made from the page's headings, or its title where it has none. */
export function starterQuestions(page: CurrentPage, patterns: readonly string[]): Suggestion[] {
  const title = page.title === "" ? [] : [{ text: page.title, anchor: null }];
  const topics = page.headings.length > 0 ? page.headings : title;
  return topics.slice(0, STARTERS).map(({ text, anchor }, place) => ({
    text: text.endsWith("?") ? text : (patterns[place] ?? "{topic}").replace("{topic}", () => text),
    about: page.known ? { path: page.path, anchor } : null,
  }));
}

function readHeading(heading: Element): ArticleHeading {
  return { text: headingText(heading), anchor: heading.id || null };
}

function normalize(path: string): string {
  return decode(path).replace(/\/(?:index\.html)?$/, "") || "/";
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}
