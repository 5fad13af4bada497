/** Small books, described by their files, as the docs plugin would load them. */

import type { Doc, DocsVersion, FrontMatter, SidebarCategory, SidebarItem, SiteContent } from "../content";

/** A book of docs at `/docs` with one sidebar. A path such as `02-arms/01-grip` is its file below `docs/`. */
export function bookOf(files: Record<string, FrontMatter>, sidebar: SidebarItem[] = []): SiteContent {
  return siteOf(
    versionOf(
      Object.entries(files).map(([path, frontMatter]) => docOf(path, frontMatter)),
      sidebar,
    ),
  );
}

/** A site whose only content is one docs instance. */
export function siteOf(...versions: DocsVersion[]): SiteContent {
  return { docs: [{ id: "default", content: { loadedVersions: versions } }], blogs: [], pages: [] };
}

/** One version of docs, the last one unless said otherwise. */
export function versionOf(docs: Doc[], sidebar: SidebarItem[] = [], more: Partial<DocsVersion> = {}): DocsVersion {
  return { versionName: "current", isLast: true, path: "/docs", docs, sidebars: { book: sidebar }, ...more };
}

/** A page of docs; `index` and number prefixes mean what they mean to Docusaurus. */
export function docOf(path: string, frontMatter: FrontMatter = {}): Doc {
  const id = path.replace(/(^|\/)\d+-/g, "$1");
  const name = id.split("/").at(-1) ?? "";
  return {
    id,
    title: `The ${name}`,
    source: `@site/docs/${path}.mdx`,
    sourceDirName: path.split("/").slice(0, -1).join("/") || ".",
    permalink: `/docs/${id}`.replace(/\/index$/, "/"),
    draft: false,
    unlisted: false,
    frontMatter,
  };
}

/** A sidebar category; a text among its items is the id of a page. */
export function category(
  label: string,
  items: (string | SidebarItem)[],
  more: Partial<SidebarCategory> = {},
): SidebarCategory {
  return {
    type: "category",
    label,
    items: items.map((item) => (typeof item === "string" ? doc(item) : item)),
    ...more,
  };
}

/** A sidebar entry for the page with this id. */
export function doc(id: string): SidebarItem {
  return { type: "doc", id };
}
