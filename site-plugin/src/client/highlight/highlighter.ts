/**
 * Show readers the passage that they followed a citation to: scrolled into view and highlighted where it stands. Where
 * the browser cannot do that, or the passage is not on show, its heading is outlined.
 */

import { navigate } from "../panel/navigate";
import { findArticle } from "../selection/passage";
import { findPassage } from "./find";
import { canPaint, createPaint } from "./paint";
import { outline, reveal } from "./reveal";

const OPEN = "data-open";

/** Follows citations; one for each host. */
export interface Highlighter {
  /** Go to `href`, a path of this site, and highlight the `passages` there; without any, only go. */
  follow(href: string, passages?: readonly string[]): void;
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
  const arrive = (arrived: Target) => {
    const heading = headingOf(arrived);
    const [first] = paint.show(() => findAll(arrived));
    if (first) reveal(first, heading);
    if (!first || !canPaint()) outline(first ?? heading);
    if (!host.hasAttribute(OPEN)) focusOn(heading);
  };
  const stop = listen(host, {
    routed: () => (target?.url.href === location.href ? arrive(target) : end()),
    left: end,
    isKept: (event) => paint.covers(event.clientX, event.clientY),
  });
  return {
    follow(href, passages = []) {
      const url = new URL(href, location.href);
      const here = url.href === location.href;
      end();
      if (passages.length > 0) target = { url, passages };
      navigate(href);
      if (here && target) arrive(target);
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
}

interface Ends {
  routed: () => void;
  left: () => void;
  isKept: (click: MouseEvent) => boolean;
}

/** Listen before the panel does: Escape in the open panel is the panel's own, even when it is closed by it. */
function listen(host: HTMLElement, { routed, left, isKept }: Ends): () => void {
  const listening = new AbortController();
  const early = { signal: listening.signal, capture: true };
  const pressed = (event: KeyboardEvent) => {
    const panels = event.target === host && host.hasAttribute(OPEN);
    if (event.key === "Escape" && !panels) left();
  };
  const clicked = (event: MouseEvent) => {
    if (event.target !== host && !isKept(event)) left();
  };
  host.addEventListener("booklight:route", routed, early);
  document.addEventListener("keydown", pressed, early);
  document.addEventListener("click", clicked, early);
  return () => listening.abort();
}

function findAll(target: Target): Range[] {
  const article = findArticle(document);
  if (!article) return [];
  const heading = headingOf(target);
  const found = target.passages.map((passage) => findPassage(article, passage, heading));
  return found.filter((range) => range !== null && range.getClientRects().length > 0) as Range[];
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
