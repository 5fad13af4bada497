/** Which pages an author keeps out of the assistant by name. */

import { createMatcher } from "@docusaurus/utils";
import type { Entry } from "./collections";
import { withoutSlash } from "./folders";

/**
 * Return what tells whether one of `globs` names a page: by its source, relative to the site, or by its permalink below
 * `baseUrl`, with or without a slash before it and without one behind it.
 */
export function excluder(
  globs: readonly string[],
  baseUrl: string,
): (entry: Pick<Entry, "source" | "permalink">) => boolean {
  const matches = createMatcher([...globs]);
  return ({ source, permalink }) => {
    const bare = withoutSlash(permalink);
    const below = bare.startsWith(baseUrl) ? bare.slice(baseUrl.length) : bare.replace(/^\/+/, "");
    const names = [source?.replace(/^@site\//, ""), below, `/${below}`];
    return names.some((name) => name !== undefined && matches(name));
  };
}
