/** Which chapter a page belongs to, and its number. */

import type { Placed, Shelf } from "./shelves";
import { chapterNumber } from "./text";

/** A page's chapter: its shelf, its number, and whether the page is the chapter's own. */
export interface Membership {
  readonly shelf: Shelf;
  readonly number: number;
  readonly isIndex: boolean;
}

/** The chapters of one collection. */
export class Chapters {
  private readonly numbers: ReadonlyMap<Shelf, number>;
  private readonly loose = new Map<number, Shelf>();

  constructor(
    private readonly root: string,
    placed: readonly Placed[],
  ) {
    this.numbers = numberShelves(placed);
  }

  /** Return the chapter of a page; null outside every category and folder, unless its front matter gives a number. */
  of({ entry, shelf, isIndex }: Placed): Membership | null {
    const written = chapterNumber(entry.frontMatter.chapter);
    if (shelf === null) return written === null ? null : this.looseMember(written);
    return { shelf, number: shelf.declared ?? written ?? this.numbers.get(shelf) ?? 1, isIndex };
  }

  /**
   * Return the chapter of a page whose author answered `number`; null takes the page out of every chapter.
   *
   * It is the nearest category or folder around the page that has this number, so that an author can pick a level of a
   * deep book; where none has, the page's usual chapter goes by the new number.
   */
  renumber({ shelf, isIndex }: Placed, usual: Membership | null, number: number | null): Membership | null {
    if (number === null || number === usual?.number) return number === null ? null : usual;
    if (shelf === null) return this.looseMember(number);
    for (let around: Shelf | null = shelf; around; around = around.parent) {
      const known = around.declared ?? around.prefix;
      if (known === number) return { shelf: around, number, isIndex: isIndex && around === shelf };
    }
    return { shelf, number, isIndex };
  }

  /** A chapter known by nothing but its number, for books that are one flat folder. */
  private looseMember(number: number): Membership {
    const shelf = this.loose.get(number) ?? looseShelf(this.root, number);
    this.loose.set(number, shelf);
    return { shelf, number, isIndex: false };
  }
}

/** A number is given in a category or on its pages, else before its folder's name, else counted in reading order. */
function numberShelves(placed: readonly Placed[]): Map<Shelf, number> {
  const written = new Map<Shelf, number | null>();
  for (const { entry, shelf } of placed) {
    if (shelf) written.set(shelf, shelf.declared ?? written.get(shelf) ?? chapterNumber(entry.frontMatter.chapter));
  }
  return new Map([...written].map(([shelf, number], at) => [shelf, number ?? shelf.prefix ?? at + 1]));
}

function looseShelf(root: string, number: number): Shelf {
  const title = `Chapter ${number}`;
  return { title, permalink: root, fragment: `chapter-${number}`, declared: number, prefix: null, parent: null };
}
