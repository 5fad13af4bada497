/** From the permalinks that Docusaurus computes to what a browser asks for and what lies in the build folder. */

import { applyTrailingSlash } from "@docusaurus/utils-common";

/** What decides a site's routes. `baseUrl` is that of the locale, with slashes at both ends. */
export interface Routing {
  readonly baseUrl: string;
  readonly trailingSlash: boolean | undefined;
}

/** Return the route at which Docusaurus serves a permalink; it may hold raw spaces and letters of any script. */
export function routeOf(permalink: string, { baseUrl, trailingSlash }: Routing): string {
  return applyTrailingSlash(permalink, { baseUrl, trailingSlash });
}

/** Return `route` as a browser reports it in `location.pathname`: percent-encoded, and what was encoded left alone. */
export function encodeRoute(route: string): string {
  const url = new URL("https://book.invalid/");
  url.pathname = route.replace(/%(?![0-9a-f]{2})/gi, "%25");
  return url.pathname;
}

/** Return the HTML file of `route`, relative to the build folder of its locale. */
export function htmlFile(route: string, { baseUrl, trailingSlash }: Routing): string {
  const below = route.startsWith(baseUrl) ? route.slice(baseUrl.length) : route.replace(/^\/+/, "");
  if (/\.html?$/i.test(below)) return below;
  if (below === "" || below.endsWith("/")) return `${below}index.html`;
  return trailingSlash === false ? `${below}.html` : `${below}/index.html`;
}
