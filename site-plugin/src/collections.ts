/** The pages that readers can find, as Docusaurus groups them: versions of docs, blogs, and plain pages. */

import type { Article, Doc, DocsVersion, FrontMatter, PagesContent, SidebarItem, SiteContent } from "./content";
import { docFolder, type Folder, folderPermalink, routeFolder, withoutSlash } from "./folders";
import { cleanTitle, prettyName } from "./text";

/** A page before its chapter is known. `id` is what sidebars call it; `ownsFolder` when its route is its folder's. */
export interface Entry {
  readonly id: string;
  readonly permalink: string;
  readonly source: string | null;
  readonly title: string;
  readonly frontMatter: FrontMatter;
  readonly folder: Folder;
  readonly ownsFolder: boolean;
}

/** Pages that share a root and sidebars: one version of one docs instance, or one pages plugin. */
export interface Collection {
  readonly root: string;
  readonly entries: readonly Entry[];
  readonly sidebars: readonly (readonly SidebarItem[])[];
}

/** What version of which docs instance a page belongs to; `lastVersion` when readers get that one by default. */
export interface Edition {
  readonly docsInstance: string;
  readonly docsVersion: string;
  readonly lastVersion: boolean;
}

/** A collection, and the edition that its pages are. */
export interface VersionedCollection extends Collection {
  readonly edition: Edition;
}

/** Return the collections of a site: the last version of each docs instance before its others, then blogs, then pages. */
export function readCollections({ docs, blogs, pages }: SiteContent, root: string): VersionedCollection[] {
  return [
    ...docs.flatMap(({ id, content }) => readVersions(id, content.loadedVersions)),
    ...blogs.map(({ id, content }) => {
      const posts = content.blogPosts.map(({ metadata }) => metadata).filter(isListed);
      return { ...unversioned("blog", id, root), entries: posts.map((post) => articleEntry(post, [])) };
    }),
    ...pages.map(({ id, content }) => {
      const articles = content.filter(isMarkdown).filter(isListed);
      const entries = articles.map((page) => articleEntry(page, routeFolder(page.permalink, root)));
      return { ...unversioned("pages", id, root), entries };
    }),
  ];
}

/** Blogs and pages have no versions: each instance is the last of its own, under a name that no docs instance has. */
function unversioned(kind: string, id: string, root: string) {
  return { root, sidebars: [], edition: { docsInstance: `${kind}/${id}`, docsVersion: "current", lastVersion: true } };
}

function readVersions(docsInstance: string, versions: readonly DocsVersion[]): VersionedCollection[] {
  const lastFirst = [...versions].sort((one, other) => Number(other.isLast) - Number(one.isLast));
  return lastFirst.map(({ path, docs, sidebars, versionName, isLast }) => ({
    root: path,
    edition: { docsInstance, docsVersion: versionName, lastVersion: isLast },
    sidebars: Object.values(sidebars),
    entries: [
      ...docs.filter(isListed).map((doc) => docEntry(doc, path)),
      ...generatedIndexes(Object.values(sidebars).flat()),
    ],
  }));
}

/** The pages that Docusaurus makes for categories: they have no source. */
function generatedIndexes(items: readonly SidebarItem[]): Entry[] {
  const categories = items.filter((item) => item.type === "category");
  return categories.flatMap(({ label, link, items: inner }) => {
    const own = link?.type === "generated-index" ? [indexEntry(link.permalink, link.title ?? label)] : [];
    return [...own, ...generatedIndexes(inner)];
  });
}

function indexEntry(permalink: string, title: string): Entry {
  const bare = { id: permalink, permalink, source: null, frontMatter: {}, folder: [], ownsFolder: false };
  return { ...bare, title: cleanTitle(title) };
}

/** Under `docusaurus start` drafts and unlisted pages are loaded like any other: their front matter tells. */
function isListed({ unlisted, frontMatter }: Article | Doc): boolean {
  const { draft, unlisted: unlistedByAuthor, noindex, booklight } = frontMatter;
  return !unlisted && draft !== true && unlistedByAuthor !== true && noindex !== true && booklight !== false;
}

function isMarkdown(page: PagesContent[number]): page is Extract<PagesContent[number], { type: "mdx" }> {
  return page.type === "mdx";
}

function docEntry(doc: Doc, root: string): Entry {
  const folder = docFolder(doc);
  const ownsFolder = folder.length > 0 && withoutSlash(doc.permalink) === folderPermalink(root, folder);
  return { ...entryOf(doc, folder), id: doc.id, ownsFolder };
}

/** Posts and pages are in no sidebar, so their source serves as id. */
function articleEntry(article: Article, folder: Folder): Entry {
  const ownsFolder = folder.length > 0 && article.permalink.endsWith("/");
  return { ...entryOf(article, folder), id: article.source, ownsFolder };
}

function entryOf({ title, permalink, source, frontMatter }: Article | Doc, folder: Folder) {
  const name = withoutSlash(permalink).split("/").at(-1) ?? "";
  return { title: cleanTitle(title ?? "") || prettyName(name) || "Home", permalink, source, frontMatter, folder };
}
