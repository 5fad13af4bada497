/**
 * What the panel takes from the site where the site has it: Prism, with the languages it has added, and KaTeX.
 *
 * The panel imports them by names of its own, which stand for the site's packages or for nothing at all, so that a book
 * without formulas need not install KaTeX.
 */

import { dirname } from "node:path";

const PACKAGES = { "@booklight/prism": "prism-react-renderer", "@booklight/katex": "katex" };
/** With strict package managers a site sees only what it names; these bring Prism along, each from the one before. */
const VIA = ["@docusaurus/preset-classic", "@docusaurus/theme-classic"];

/** Return the folder that each name stands for as seen from `siteDir`; false where there is none. */
export function optionalModules(siteDir: string): Record<string, string | false> {
  const places = [siteDir];
  for (const name of VIA) places.push(findPackage(name, places) || siteDir);
  return Object.fromEntries(Object.entries(PACKAGES).map(([own, name]) => [own, findPackage(name, places)]));
}

function findPackage(name: string, places: string[]): string | false {
  try {
    return dirname(require.resolve(`${name}/package.json`, { paths: places }));
  } catch {
    return false;
  }
}
