/** From what Docusaurus loaded to the pages and chapters of a book. Pure: nothing is read or written here. */

import type { Chapter, Page } from "./book";
import { Chapters, type Membership } from "./chapters";
import { type Edition, readCollections } from "./collections";
import type { SiteContent } from "./content";
import { excluder } from "./exclude";
import { withoutSlash } from "./folders";
import { formatOf, type SiteFormat } from "./format";
import type { ChapterOption, PluginOptions } from "./options";
import { encodeRoute, htmlFile, type Routing, routeOf } from "./routes";
import { type Placed, placePages, type Shelf } from "./shelves";

/** The site in one locale, as far as its pages depend on it; `format` is that of its configuration. */
export interface Locale extends Routing {
  readonly locale: string;
  readonly format: SiteFormat;
}

/** A page, and its HTML file relative to the locale's build folder. */
export interface FoundPage {
  readonly page: Page;
  readonly file: string;
}

/** The pages and chapters of a site in one locale, in reading order, the last docs version before the others. */
export interface FoundBook {
  readonly pages: readonly FoundPage[];
  readonly chapters: readonly Chapter[];
}

/** What an author says of the pages by the plugin's options. */
export type PageOptions = Pick<PluginOptions, "chapter" | "exclude">;

/** List the pages that readers can find. Throws an Error when the option `chapter` returns no whole number and not null. */
export function collectPages(content: SiteContent, locale: Locale, options: PageOptions = { exclude: [] }): FoundBook {
  const { chapter: override } = options;
  const isExcluded = excluder(options.exclude, locale.baseUrl);
  const pages: FoundPage[] = [];
  const chapters = new Map<string, Chapter>();
  for (const { edition, ...collection } of readCollections(content, locale.baseUrl)) {
    const entries = collection.entries.filter((entry) => !isExcluded(entry));
    const placed = placePages({ ...collection, entries });
    const numbering = new Chapters(collection.root, placed);
    for (const one of placed) {
      const describe = (member: Membership | null) => describePage(one, member, edition, locale);
      const usual = numbering.of(one);
      const member = override ? numbering.renumber(one, usual, askAuthor(override, describe(usual))) : usual;
      const page = describe(member);
      pages.push({ page, file: htmlFile(routeOf(one.entry.permalink, locale), locale) });
      if (member) rememberChapter(chapters, page, member.shelf);
    }
  }
  return { pages, chapters: [...chapters.values()] };
}

function describePage(
  { entry, shelf, isIndex }: Placed,
  member: Membership | null,
  edition: Edition,
  locale: Locale,
): Page {
  const path = encodeRoute(routeOf(entry.permalink, locale));
  return {
    path,
    source: entry.source?.replace(/^@site\//, "") ?? null,
    title: entry.title,
    chapter: member?.number ?? null,
    chapterPath: member && shelfPath(member.shelf, locale),
    lesson: member && !member.isIndex ? lastSegment(path) : null,
    breadcrumbs: titlesDownTo(isIndex ? (shelf?.parent ?? null) : shelf),
    ...edition,
    locale: locale.locale,
    format: formatOf(entry, locale.format),
    listed: true,
  };
}

function askAuthor(override: ChapterOption, page: Page): number | null {
  const answer: unknown = override(page);
  if (answer === null || Number.isSafeInteger(answer)) return answer as number | null;
  throw new Error(
    `docusaurus-plugin-booklight: the option "chapter" returned ${String(answer)} for ${page.source ?? page.path}; ` +
      "it must return a whole number or null",
  );
}

function rememberChapter(chapters: Map<string, Chapter>, { chapter, chapterPath }: Page, { title }: Shelf): void {
  if (chapterPath === null || chapters.has(chapterPath)) return;
  chapters.set(chapterPath, { number: chapter, title, path: chapterPath });
}

function shelfPath({ permalink, fragment }: Shelf, locale: Locale): string {
  const path = encodeRoute(routeOf(permalink, locale));
  return fragment === null ? path : `${path}#${encodeURIComponent(fragment)}`;
}

function titlesDownTo(shelf: Shelf | null): string[] {
  return shelf ? [...titlesDownTo(shelf.parent), shelf.title] : [];
}

function lastSegment(path: string): string {
  return withoutSlash(path).split("/").at(-1) ?? "";
}
