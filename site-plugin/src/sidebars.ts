/** Sidebars, read for where pages stand and in what order they are meant to be read. */

import type { Collection, Entry } from "./collections";
import type { SidebarCategory, SidebarItem } from "./content";
import { commonFolder, type Folder, parentFolder } from "./folders";

/** A sidebar category: the pages that stand directly in it, the categories within it, and the page it leads to. */
export interface Category {
  readonly item: SidebarCategory;
  readonly parent: Category | null;
  readonly index: Entry | null;
  readonly pages: Entry[];
  readonly children: Category[];
}

/** Where each page of a collection stands, in reading order, and the categories, outer before inner. */
export interface Sidebars {
  readonly stands: ReadonlyMap<Entry, Category | null>;
  readonly categories: readonly Category[];
}

/** Read the sidebars of a collection. A page counts where it stands first; pages in no sidebar come last. */
export function readSidebars({ entries, sidebars }: Collection): Sidebars {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const stands = new Map<Entry, Category | null>();
  const categories: Category[] = [];

  const stand = (entry: Entry, category: Category | null): void => {
    if (stands.has(entry)) return;
    stands.set(entry, category);
    if (entry !== category?.index) category?.pages.push(entry);
  };
  const open = (item: SidebarCategory, parent: Category | null): void => {
    const index = (item.link && byId.get(item.link.type === "doc" ? item.link.id : item.link.permalink)) ?? null;
    const category: Category = { item, parent, index, pages: [], children: [] };
    categories.push(category);
    parent?.children.push(category);
    if (index) stand(index, category);
    for (const child of item.items) visit(child, category);
  };
  const visit = (item: SidebarItem, parent: Category | null): void => {
    if (item.type === "category") open(item, parent);
    const entry = item.type === "doc" && byId.get(item.id);
    if (entry) stand(entry, parent);
  };

  for (const item of sidebars.flat()) visit(item, null);
  for (const entry of entries) stand(entry, null);
  return { stands, categories };
}

/**
 * Return the folder a category stands for, empty if there is none.
 *
 * It is the one its pages share. A lesson that is a folder of its own says nothing about its own folder, only about the
 * one around it; nor does a category within.
 */
export function homeFolder(category: Category): Folder {
  const lessons = category.pages.filter((page) => !page.ownsFolder).map((page) => page.folder);
  const index = category.index?.source ? [category.index.folder] : [];
  const candidates = [commonFolder([...index, ...lessons]), commonFolder(lessons)];
  if (lessons.length === 0) {
    const owned = category.pages.map((page) => page.folder);
    candidates.push(
      commonFolder([...owned, ...category.children.map(homeFolder)].map(parentFolder)),
      commonFolder(owned),
    );
  }
  return candidates.find((folder) => folder.length > 0) ?? [];
}
