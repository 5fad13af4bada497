/** The shape of `pages.json`, version 1. `pages.schema.json` says the same for other languages. */

/** A heading of the built page that can be linked to. `level` is 1 to 6. */
export interface Heading {
  readonly id: string;
  readonly level: number;
  readonly text: string;
}

/** A sidebar category or folder of pages. `path` identifies it, since numbers may repeat. */
export interface Chapter {
  readonly number: number | null;
  readonly title: string;
  readonly path: string;
}

/** How Docusaurus compiles a Markdown file: as MDX, or as CommonMark. */
export type Format = "mdx" | "md";

/**
 * One page at one permalink. `path` is the route as served, percent-encoded once. `source` is relative to the site, and
 * null like `format` for a page that has no file of its own. `docsVersion` is one of `docsInstance`,
 * and `lastVersion` whether it is the one that readers get by default. `listed` is false for a page that the site keeps
 * out of its sitemap.
 */
export interface Page {
  readonly path: string;
  readonly source: string | null;
  readonly title: string;
  readonly chapter: number | null;
  readonly chapterPath: string | null;
  readonly lesson: string | null;
  readonly breadcrumbs: readonly string[];
  readonly docsInstance: string;
  readonly docsVersion: string;
  readonly lastVersion: boolean;
  readonly locale: string;
  readonly format: Format | null;
  readonly headings?: readonly Heading[];
  readonly listed: boolean;
}

/**
 * The site in one locale, and all its `locales`. `baseUrl` is where the folder above the file is served; `siteDir` is
 * relative to the file. `markdown` asks for the book as Markdown in its build, which indexing writes.
 */
export interface Site {
  readonly title: string;
  readonly url: string;
  readonly baseUrl: string;
  readonly locale: string;
  readonly locales: readonly string[];
  readonly siteDir: string;
  readonly commit: string | null;
  readonly markdown: boolean;
}

/** One `pages.json`. Chapters and pages are in reading order. */
export interface Book {
  readonly version: 1;
  readonly site: Site;
  readonly chapters: readonly Chapter[];
  readonly pages: readonly Page[];
}
