/** Which pages an author keeps out of the assistant by name. */

import { createMatcher } from "@docusaurus/utils";
import type { Entry } from "./collections";

/**
 * Return what tells whether one of `globs` names a page: by its source, relative to the site, or by its permalink below
 * `baseUrl`, with or without a slash before it.
 */
export function excluder(globs: readonly string[], baseUrl: string): (entry: Entry) => boolean {
  const matches = createMatcher([...globs]);
  return ({ source, permalink }) => {
    const below = permalink.startsWith(baseUrl) ? permalink.slice(baseUrl.length) : permalink.replace(/^\/+/, "");
    const names = [source?.replace(/^@site\//, ""), below, `/${below}`];
    return names.some((name) => name !== undefined && matches(name));
  };
}
