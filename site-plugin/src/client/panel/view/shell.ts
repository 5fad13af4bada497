/** The panel's place on the page: where it stands, the room that the page makes for it, and where its citations lead. */

import type { Follow, Highlighter } from "../../highlight/highlighter";
import { navigate } from "../../site/navigate";
import { report } from "../../site/report";
import { makeRoom } from "../../site/room";
import { PAGE_STYLES, PANEL_STYLES } from "./styles";

const OPEN = "data-open";
const COVERING = "(max-width: 767px)";

/** The frame around the panel. */
export interface Shell {
  /** Where the panel is put; hidden while the panel is closed. */
  container: HTMLElement;
  show(shown: boolean): void;
  /** Hide the panel, and give the focus back to the launcher. */
  close(): void;
  /** On a phone the panel makes way. */
  follow: Follow;
  dispose(): void;
}

/** Put a container with the panel's styles, and those in `styles`, into `host`. */
export function createShell(host: HTMLElement, launcher: HTMLElement, ...styles: string[]): Shell {
  const container = document.createElement("div");
  host.shadowRoot?.append(container);
  host.shadowRoot?.adoptedStyleSheets.push(...[PANEL_STYLES, ...styles].map(styleSheet));
  const pageSheet = styleSheet(PAGE_STYLES);
  document.adoptedStyleSheets.push(pageSheet);
  const highlighter = lateHighlighter(host);
  for (const touch of ["pointerover", "focusin"]) {
    container.addEventListener(
      touch,
      ({ target }) => target instanceof Element && target.closest("a") && highlighter.load(),
    );
  }

  const show = (shown: boolean) => {
    container.hidden = !shown;
    host.toggleAttribute(OPEN, shown);
    makeRoom(shown);
  };
  const resize = () => host.hasAttribute(OPEN) && makeRoom(true);
  addEventListener("resize", resize);
  return {
    container,
    show,
    close() {
      show(false);
      launcher.focus({ preventScroll: true });
    },
    follow(href, passages, said) {
      if (matchMedia(COVERING).matches) show(false);
      highlighter.follow(href, passages, said);
    },
    dispose() {
      show(false);
      removeEventListener("resize", resize);
      highlighter.dispose();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== pageSheet);
    },
  };
}

/**
 * A highlighter whose code arrives when a reader comes near the first link: under the pointer or the focus. Without it,
 * a link still leads to its page.
 */
function lateHighlighter(host: HTMLElement): Highlighter & { load(): void } {
  let loading: Promise<Highlighter | null> | undefined;
  const start = async () => {
    try {
      return (await import("../../highlight/highlighter")).createHighlighter(host);
    } catch (error) {
      loading = undefined;
      report("what highlights passages did not load", error);
      return null;
    }
  };
  const load = () => {
    loading ??= start();
    return loading;
  };
  return {
    load,
    follow: (href, passages, said) =>
      load().then((highlighter) => (highlighter ? highlighter.follow(href, passages, said) : navigate(href))),
    dispose: () => loading?.then((highlighter) => highlighter?.dispose()),
  };
}

function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
