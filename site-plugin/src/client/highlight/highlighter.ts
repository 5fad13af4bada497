/**
 * Show readers the passage that they followed a citation to: what hides it is opened, and it is scrolled into view and
 * highlighted where it stands. Where the browser cannot do that, or the passage is gone, its heading is outlined.
 */

import { findArticle } from "../site/article";
import { navigate } from "../site/navigate";
import { findPassage, findWords } from "./find";
import { foldElement } from "./folded";
import { openAround } from "./open";
import { canPaint, createPaint } from "./paint";
import { outline, reveal } from "./reveal";

const OPEN = "data-open";

/**
 * Go to `href`, a path of this site, and highlight what of `said` stands there word for word, or else the `passages`;
 * without any, only go.
 */
export type Follow = (href: string, passages?: readonly string[], said?: readonly string[]) => void;

/** Follows citations; one for each host. */
export interface Highlighter {
  follow: Follow;
  dispose(): void;
}

/** Watch over the page around `host`: another route, a click elsewhere and Escape end a highlight. */
export function createHighlighter(host: HTMLElement): Highlighter {
  const paint = createPaint();
  let target: Target | null = null;
  const end = () => {
    target = null;
    paint.clear();
  };
  const arrive = async (arrived: Target) => {
    const opened = await openAround(headingOf(arrived));
    if (arrived.passages.length === 0) return opened && headingOf(arrived)?.scrollIntoView();
    const [wanted] = [...shownOf(arrived), ...findAll(arrived, true)];
    await openAround(wanted?.startContainer ?? null);
    if (target !== arrived) return;
    const heading = headingOf(arrived);
    const [first] = paint.show(() => shownOf(arrived));
    if (first) reveal(first, heading);
    if (!first || !canPaint()) outline(first ?? heading);
    if (!host.hasAttribute(OPEN)) focusOn(heading);
  };
  const stop = listen(host, {
    routed: () => (target && isHere(target.url) ? arrive(target) : end()),
    left: end,
    isKept: (event) => paint.covers(event.clientX, event.clientY),
  });
  return {
    follow(href, passages = [], said = []) {
      const url = new URL(href, location.href);
      const here = url.href === location.href;
      end();
      target = { url, passages, said };
      navigate(href);
      if (here) arrive(target);
    },
    dispose() {
      stop();
      paint.dispose();
    },
  };
}

/** Where a citation leads, and what is to be seen there. */
interface Target {
  url: URL;
  passages: readonly string[];
  said: readonly string[];
}

interface Ends {
  routed: () => void;
  left: () => void;
  isKept: (click: MouseEvent) => boolean;
}

/**
 * Listen before the panel does: Escape in the open panel is the panel's own, even when it is closed by it. A click that
 * is not the reader's is our own, on what hides a passage.
 */
function listen(host: HTMLElement, { routed, left, isKept }: Ends): () => void {
  const listening = new AbortController();
  const early = { signal: listening.signal, capture: true };
  const pressed = (event: KeyboardEvent) => {
    const panels = event.target === host && host.hasAttribute(OPEN);
    if (event.key === "Escape" && !panels) left();
  };
  const clicked = (event: MouseEvent) => {
    if (event.isTrusted && event.target !== host && !isKept(event)) left();
  };
  host.addEventListener("booklight:route", routed, early);
  document.addEventListener("keydown", pressed, early);
  document.addEventListener("click", clicked, early);
  return () => listening.abort();
}

/** A tab may write its choice into the query, which changes neither page nor heading. */
function isHere({ pathname, hash }: URL): boolean {
  return pathname === location.pathname && hash === location.hash;
}

function shownOf(target: Target): Range[] {
  return findAll(target, false);
}

/** What of `target` is on show; with `closed`, what could be. */
function findAll(target: Target, closed: boolean): Range[] {
  const article = findArticle(document);
  if (!article) return [];
  const page = foldElement(article, closed);
  const heading = headingOf(target);
  const found = (range: Range | null) => range !== null && (closed || range.getClientRects().length > 0);
  const quoted = target.said.map((words) => findWords(page, words, heading)).filter(found);
  const best = quoted.length > 0 ? quoted : target.passages.map((each) => findPassage(page, each, heading));
  return best.filter(found) as Range[];
}

/** The heading that a citation names; the title where it names none. */
function headingOf({ url }: Target): HTMLElement | null {
  if (url.hash === "") return document.querySelector<HTMLElement>("article h1");
  return document.getElementById(decodeURIComponent(url.hash.slice(1)));
}

/** Readers at a keyboard go on from the passage, once the panel no longer holds the focus. */
function focusOn(heading: HTMLElement | null): void {
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
