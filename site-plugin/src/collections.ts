/** The pages that readers can find, as Docusaurus groups them: versions of docs, blogs, and plain pages. */

import type {
  Article,
  Doc,
  DocsContent,
  DocsVersion,
  FrontMatter,
  PagesContent,
  SidebarItem,
  SiteContent,
} from "./content";
import { docFolder, type Folder, folderPermalink, routeFolder, withoutSlash } from "./folders";
import { cleanTitle, prettyName } from "./text";

/** A page before its chapter is known. `id` is what sidebars call it; `ownsFolder` when its route is its folder's. */
export interface Entry {
  readonly id: string;
  readonly permalink: string;
  readonly source: string;
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

/** A collection, and the docs version its pages belong to. */
export interface VersionedCollection extends Collection {
  readonly docsVersion: string;
}

/** Return the collections of a site: the last docs version before the others, then blogs, then pages. */
export function readCollections({ docs, blogs, pages }: SiteContent, root: string): VersionedCollection[] {
  const docsVersion = lastVersion(docs);
  const unversioned = { root, docsVersion, sidebars: [] };
  return [
    ...docs.flatMap(({ loadedVersions }) => readVersions(loadedVersions, docsVersion)),
    ...blogs.map(({ blogPosts }) => {
      const posts = blogPosts.map(({ metadata }) => metadata).filter(isListed);
      return { ...unversioned, entries: posts.map((post) => articleEntry(post, [])) };
    }),
    ...pages.map((content) => {
      const articles = content.filter(isMarkdown).filter(isListed);
      return { ...unversioned, entries: articles.map((page) => articleEntry(page, routeFolder(page.permalink, root))) };
    }),
  ];
}

/** What is not versioned belongs with the version that readers get by default. */
function lastVersion([main]: readonly DocsContent[]): string {
  return main?.loadedVersions.find(({ isLast }) => isLast)?.versionName ?? "current";
}

function readVersions(versions: readonly DocsVersion[], mainVersion: string): VersionedCollection[] {
  const lastFirst = [...versions].sort((one, other) => Number(other.isLast) - Number(one.isLast));
  return lastFirst.map(({ path, docs, sidebars, versionName }) => ({
    root: path,
    docsVersion: versions.length === 1 ? mainVersion : versionName,
    sidebars: Object.values(sidebars),
    entries: docs.filter(isListed).map((doc) => docEntry(doc, path)),
  }));
}

/** Under `docusaurus start` drafts and unlisted pages are loaded like any other: their front matter tells. */
function isListed({ unlisted, frontMatter }: Article | Doc): boolean {
  return !unlisted && frontMatter.draft !== true && frontMatter.unlisted !== true;
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
