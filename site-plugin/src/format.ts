/** Whether Docusaurus compiles a file as MDX or as CommonMark. Its own rule is not exported, so it stands here again. */

import { extname } from "node:path";
import type { Format } from "./book";
import type { Entry } from "./collections";

/** What `markdown.format` of a site, or `mdx.format` of a page, may say; `detect` goes by the ending of the file. */
export type SiteFormat = Format | "detect";

/** The endings that `detect` takes for CommonMark. */
const COMMONMARK = new Set([".md", ".markdown", ".mdown", ".mkdn", ".mkd", ".mdwn", ".mkdown", ".ron"]);

/** Return the format of a page, its front matter before its site; null for one that has no file. */
export function formatOf(
  { source, frontMatter }: Pick<Entry, "source" | "frontMatter">,
  site: SiteFormat,
): Format | null {
  if (source === null) return null;
  const { format = site } = (frontMatter.mdx ?? {}) as { format?: SiteFormat };
  if (format !== "detect") return format;
  return COMMONMARK.has(extname(source)) ? "md" : "mdx";
}
