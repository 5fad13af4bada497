/** Folders of pages, told by what Docusaurus made of them: nothing here parses a number prefix or a slug. */

import type { Doc } from "./content";

/** One folder of a path: its part of the route, and the number its name begins with, if Docusaurus took one off. */
export interface Segment {
  readonly slug: string;
  readonly number: number | null;
}

/** A folder as the way to it from the root of its collection; empty for the root. */
export type Folder = readonly Segment[];

/** Return the folder of a page of the docs plugin. Its id holds the folders without the prefixes that were taken off. */
export function docFolder({ id, sourceDirName }: Pick<Doc, "id" | "sourceDirName">): Folder {
  if (sourceDirName === ".") return [];
  const names = sourceDirName.split("/");
  const slugs = id.split("/").slice(0, -1);
  return names.map((name, at) => segment(name, slugs[at] ?? name));
}

/** Return the folder of a page of the pages plugin, whose route is its path: `/dir/page` and `/dir/` are both in `dir`. */
export function routeFolder(permalink: string, root: string): Folder {
  const slugs = permalink.slice(root.length).split("/").slice(0, -1).filter(Boolean);
  return slugs.map((slug) => ({ slug, number: null }));
}

/** Return the innermost folder that holds all of `folders`. */
export function commonFolder([first = [], ...others]: readonly Folder[]): Folder {
  const splitsAt = first.findIndex(({ slug }, at) => others.some((other) => other[at]?.slug !== slug));
  return splitsAt < 0 ? first : first.slice(0, splitsAt);
}

/** Return the folder around `folder`; the root is around itself. */
export function parentFolder(folder: Folder): Folder {
  return folder.slice(0, -1);
}

/** Return the permalink at which `folder` stands below `root`, without a trailing slash. */
export function folderPermalink(root: string, folder: Folder): string {
  return [withoutSlash(root), ...folder.map(({ slug }) => slug)].join("/");
}

/** Return `permalink` without the slash at its end. */
export function withoutSlash(permalink: string): string {
  return permalink.replace(/\/+$/, "");
}

function segment(name: string, slug: string): Segment {
  const prefix = name.endsWith(slug) ? name.slice(0, name.length - slug.length) : "";
  const digits = /\d+/.exec(prefix)?.[0];
  return { slug, number: digits === undefined ? null : Number(digits) };
}
