/** Where links lead: to a page of this site, elsewhere, or nowhere when their scheme is not one a reader may follow. */

import type { PageTable } from "../../contract";
import type { PageIndex } from "./page";

const FRAGMENT_WORDS = 6;
const SAFE = new Set(["http:", "https:", "mailto:"]);

/** A link that can be followed; `path` is set when it is a page of this site. */
export interface Target {
  href: string;
  path: string | null;
  hash: string;
}

/**
 * Resolve `href` as seen from `location`, or return null when it must not be a link.
 *
 * Citations carry the book's public address, which need not be where it is being read: a path that the page table
 * knows is this site, whatever the host says.
 */
export function resolveLink(href: string, location: string, pages: PageIndex): Target | null {
  const url = parseUrl(href, location);
  if (!url || !SAFE.has(url.protocol)) return null;
  const path = url.protocol === "mailto:" ? null : pages.find(url.pathname);
  if (path === null) return { href: url.href, path, hash: url.hash };
  return { href: path + url.search + url.hash, path, hash: url.hash };
}

/**
 * Return `href` with the beginning of `passage` as a text fragment, for a citation that is opened in a tab of its own:
 * the browser then highlights it. Browsers that cannot would take it for a part of the heading's name.
 */
export function withTextFragment(href: string, passage: string | undefined): string {
  const words = passage?.replace(/…$/, "").trim().split(/\s+/).slice(0, FRAGMENT_WORDS).join(" ");
  if (!words || !("fragmentDirective" in document)) return href;
  const fragment = encodeURIComponent(words).replaceAll("-", "%2D");
  return `${href}${href.includes("#") ? "" : "#"}:~:text=${fragment}`;
}

/** Return the entry of the table for a target, if it is a page of this site. */
export function pageOf(target: Target, table: PageTable): PageTable[string] | null {
  return target.path === null ? null : (table[target.path] ?? null);
}

function parseUrl(href: string, base: string): URL | null {
  return URL.canParse(href, base) ? new URL(href, base) : null;
}
