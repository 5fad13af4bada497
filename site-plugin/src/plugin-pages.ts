/** Pages that other plugins of the site make: they have no source, and only their HTML says what stands there. */

import type { LoadedPlugin, RouteConfig } from "@docusaurus/types";
import { excluder } from "./exclude";
import type { FoundPage, Locale, PageOptions } from "./pages";
import { encodeRoute, htmlFile, routeOf } from "./routes";

/** Their pages are known from what they load; what else they make are lists of those pages. */
const CONTENT_PLUGINS = new Set([
  "docusaurus-plugin-content-docs",
  "docusaurus-plugin-content-blog",
  "docusaurus-plugin-content-pages",
  "docusaurus-plugin-debug",
]);

/** List the pages of a finished build that no content plugin made. Their titles are left for the HTML to say. */
export function collectPluginPages(
  plugins: readonly Pick<LoadedPlugin, "name" | "options" | "routes">[],
  locale: Locale,
  { exclude }: PageOptions,
): FoundPage[] {
  const isExcluded = excluder(exclude, locale.baseUrl);
  return plugins
    .filter(({ name }) => !CONTENT_PLUGINS.has(name))
    .flatMap(({ name, options, routes }) => {
      const instance = `${name}/${options.id}`;
      const permalinks = routes.flatMap(leafPaths).filter(isPage);
      return permalinks
        .filter((permalink) => !isExcluded({ source: null, permalink }))
        .map((permalink) => describe(permalink, instance, locale));
    });
}

function leafPaths({ path, routes }: RouteConfig): string[] {
  return routes ? routes.flatMap(leafPaths) : [path];
}

/** Neither a pattern, such as that of the page for what is not found, nor a search page. */
function isPage(path: string): boolean {
  return !/[*:]/.test(path) && !/\/search\/?$/.test(path);
}

function describe(permalink: string, docsInstance: string, locale: Locale): FoundPage {
  const route = routeOf(permalink, locale);
  const page = {
    path: encodeRoute(route),
    source: null,
    title: "",
    chapter: null,
    chapterPath: null,
    lesson: null,
    breadcrumbs: [],
    docsInstance,
    docsVersion: "current",
    lastVersion: true,
    locale: locale.locale,
    format: null,
    listed: true,
  };
  return { page, file: htmlFile(route, locale) };
}
