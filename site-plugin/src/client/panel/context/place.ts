/** Where a source stands in the book, in words. */

import { messages } from "../../messages/messages";
import { pageOf, resolveLink } from "../../site/links";
import type { Source } from "../state/citations";
import { useSite } from "./context";

/** The chapter and page of `source`, and whether that is the page being read; empty where its heading says it all. */
export function usePlace(source: Source): string {
  const site = useSite();
  const target = resolveLink(source.url, location.href, site.pages);
  const page = target && pageOf(target, site.pages.table);
  const steps = [page ? page.chapterTitle : source.group, page?.title].filter((step) => step && step !== source.title);
  const here = target?.path != null && target.path === site.path;
  return [steps.join(" › "), here ? messages.thisPage : ""].filter(Boolean).join(" · ");
}
