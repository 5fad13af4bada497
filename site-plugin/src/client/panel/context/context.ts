/** What every part of the panel may need: the site's pages, and the sources of the answer around it. */

import { createContext, useContext } from "react";
import type { Follow } from "../../highlight/highlighter";
import { indexPages, type PageIndex } from "../../site/page";
import type { Source } from "../state/citations";

/** The site around the panel. `follow` goes to a path of this site, and highlights what is cited there. */
export interface PanelSite {
  pages: PageIndex;
  path: string;
  follow: Follow;
}

export const SiteContext = createContext<PanelSite>({ pages: indexPages({}), path: "", follow: () => undefined });
export const SourcesContext = createContext<readonly Source[]>([]);

/** The site around the panel. */
export function useSite(): PanelSite {
  return useContext(SiteContext);
}

/** The source of that number in the answer around the caller. */
export function useSource(number: number): Source | undefined {
  return useContext(SourcesContext)[number - 1];
}
