/** Which pages a site keeps out of its sitemap: what robots are not to list is not handed to assistants either. */

import type { LoadedPlugin } from "@docusaurus/types";
import { createMatcher } from "@docusaurus/utils";
import type { FoundPage } from "./pages";

const SITEMAP = "docusaurus-plugin-sitemap";

/** Return `pages`, those that a sitemap plugin of the site is told to ignore as not listed. */
export function markUnlisted(
  pages: readonly FoundPage[],
  plugins: readonly Pick<LoadedPlugin, "name" | "options">[],
): FoundPage[] {
  const patterns = plugins.filter(({ name }) => name === SITEMAP).flatMap(({ options }) => ignoredBy(options));
  const isIgnored = createMatcher(patterns);
  return pages.map(({ page, file }) => ({ page: { ...page, listed: !isIgnored(decodeURI(page.path)) }, file }));
}

function ignoredBy({ ignorePatterns }: LoadedPlugin["options"]): string[] {
  return Array.isArray(ignorePatterns) ? ignorePatterns.map(String) : [];
}
