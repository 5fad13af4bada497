/**
 * Where each page of a collection lives: its sidebar category, else its folder.
 *
 * A shelf is such a category or folder. The two are matched, so that a category has the number and the route of its
 * folder, and a page outside the sidebar joins the category whose folder it is in.
 */

import type { Collection, Entry } from "./collections";
import { type Folder, folderPermalink, parentFolder, withoutSlash } from "./folders";
import { type Category, homeFolder, readSidebars } from "./sidebars";
import { chapterNumber, cleanTitle, prettyName, slugOf } from "./text";

/**
 * A category or folder.
 *
 * `permalink` is that of its own page; where it has none, that at which its folder stands, which is as stable as the
 * folder's name. `fragment` is null but for a category with neither, which is told apart from its root by its label.
 * `declared` is the number in its `customProps`, `prefix` the one before its folder's name.
 */
export interface Shelf {
  readonly title: string;
  readonly permalink: string;
  readonly fragment: string | null;
  readonly declared: number | null;
  readonly prefix: number | null;
  readonly parent: Shelf | null;
}

/** A page on its shelf, if it has one; `isIndex` when it is the shelf's own page. */
export interface Placed {
  readonly entry: Entry;
  readonly shelf: Shelf | null;
  readonly isIndex: boolean;
}

/** Put every page of a collection on its shelf, in reading order. */
export function placePages(collection: Collection): Placed[] {
  const { stands, categories } = readSidebars(collection);
  const folders = new Folders(collection);
  const shelves = new Map<Category, Shelf>();
  for (const category of categories) {
    const parent = (category.parent && shelves.get(category.parent)) ?? null;
    shelves.set(category, shelveCategory(category, parent, folders));
  }
  return [...stands].map(([entry, category]) => {
    const shelf = (category && shelves.get(category)) ?? folders.shelf(entry.folder);
    return { entry, shelf, isIndex: shelf?.fragment === null && shelf.permalink === entry.permalink };
  });
}

function shelveCategory(category: Category, parent: Shelf | null, folders: Folders): Shelf {
  const { label, link, customProps } = category.item;
  const home = homeFolder(category);
  const ownsHome = folders.isFree(home);
  const permalink = category.index?.permalink ?? (link?.type === "generated-index" ? link.permalink : null);
  const shelf: Shelf = {
    title: cleanTitle(label),
    permalink: permalink ?? (ownsHome ? folders.permalink(home) : folders.root),
    fragment: permalink === null && !ownsHome ? folders.freeFragment(label) : null,
    declared: chapterNumber(customProps?.chapter),
    prefix: ownsHome ? (home.at(-1)?.number ?? null) : null,
    parent,
  };
  if (ownsHome) folders.claim(home, shelf);
  return shelf;
}

/** The folders of a collection, each with its shelf once it has one. */
class Folders {
  readonly root: string;
  private readonly shelves = new Map<string, Shelf>();
  private readonly fragments = new Set<string>();
  private readonly owners: ReadonlyMap<string, Entry>;

  constructor({ root, entries }: Collection) {
    this.root = root;
    this.owners = new Map(entries.map((entry) => [withoutSlash(entry.permalink), entry]));
  }

  /** Return where a folder stands: the exact permalink of the page that is there, if one is. */
  permalink(folder: Folder): string {
    const bare = folderPermalink(this.root, folder);
    return this.owners.get(bare)?.permalink ?? bare;
  }

  /** Tell whether a folder is one, and no category stands for it yet. */
  isFree(folder: Folder): boolean {
    return folder.length > 0 && !this.shelves.has(folderPermalink(this.root, folder));
  }

  /** Let `shelf` stand for a folder. */
  claim(folder: Folder, shelf: Shelf): void {
    this.shelves.set(folderPermalink(this.root, folder), shelf);
  }

  /** Return the shelf that stands for a folder, made if need be; null for the root. */
  shelf(folder: Folder): Shelf | null {
    const last = folder.at(-1);
    if (last === undefined) return null;
    const bare = folderPermalink(this.root, folder);
    const known = this.shelves.get(bare);
    if (known) return known;
    const shelf: Shelf = {
      title: this.owners.get(bare)?.title ?? prettyName(last.slug),
      permalink: this.permalink(folder),
      fragment: null,
      declared: null,
      prefix: last.number,
      parent: this.shelf(parentFolder(folder)),
    };
    this.claim(folder, shelf);
    return shelf;
  }

  /** Return a fragment made of `label` that no other shelf has. */
  freeFragment(label: string): string {
    const slug = slugOf(label);
    let fragment = slug;
    for (let count = 2; this.fragments.has(fragment); count += 1) fragment = `${slug}-${count}`;
    this.fragments.add(fragment);
    return fragment;
  }
}
