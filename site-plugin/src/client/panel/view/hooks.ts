/** How the panel follows the page around it. */

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Passage, readPassage, selectedRange } from "../../selection/passage";
import { watchSelection } from "../../selection/watch";
import { type CurrentPage, indexPages, loadPages, type PageIndex, readPage } from "../../site/page";
import { report } from "../../site/report";

/** The site's page table, empty until it has been loaded. */
export function usePages(): PageIndex {
  const [pages, setPages] = useState(() => indexPages({}));
  useEffect(() => {
    loadPages().then(setPages, (error) => report("the page table did not load", error));
  }, []);
  return pages;
}

/** The page now shown; it changes when the host is told of a new route. */
export function useCurrentPage(host: HTMLElement, pages: PageIndex): CurrentPage {
  const [page, setPage] = useState(() => readPage(document, pages));
  useEffect(() => {
    const read = () => setPage(readPage(document, pages));
    read();
    host.addEventListener("booklight:route", read);
    return () => host.removeEventListener("booklight:route", read);
  }, [host, pages]);
  return page;
}

/**
 * Return what takes up the passage selected in the article, each selection once.
 *
 * The range is remembered as it settles, because focusing the panel wipes the page's own selection.
 */
export function useSelectedPassage(host: HTMLElement, onTake: (passage: Passage) => void): () => void {
  const settled = useRef<Range | null>(null);
  const taken = useRef("");
  useEffect(
    () =>
      watchSelection(host, (range) => {
        settled.current = range;
        taken.current = "";
      }),
    [host],
  );
  return useCallback(() => {
    const range = selectedRange(document) ?? settled.current;
    settled.current = null;
    const passage = range && readPassage(range, document);
    if (!passage || passage.text === taken.current) return;
    taken.current = passage.text;
    onTake(passage);
  }, [onTake]);
}

/**
 * Whether the sidecar may be asked for anything: always once the reader has opened the panel. One that a link opened
 * waits for a key or a press in it first.
 */
export function useAwake(host: HTMLElement, opening: number, byLink: boolean): boolean {
  const [awake, setAwake] = useState(!byLink);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening is the reader's or a link's
  useEffect(() => {
    const listening = new AbortController();
    const wake = () => setAwake(true);
    if (!byLink) wake();
    for (const touch of ["keydown", "pointerdown"]) host.addEventListener(touch, wake, { signal: listening.signal });
    return () => listening.abort();
  }, [host, opening, byLink]);
  return awake;
}

/** Put the focus into `field` each time `opening` changes, as a part of the same rendering. */
export function useFocusOnOpening(field: RefObject<HTMLElement | null>, opening: number): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening is a new reason to focus
  useLayoutEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, [field, opening]);
}
