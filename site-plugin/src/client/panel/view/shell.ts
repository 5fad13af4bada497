/** The panel's place on the page: where it stands, the room that the page makes for it, and where its citations lead. */

import { createHighlighter, type Follow } from "../../highlight/highlighter";
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
  const highlighter = createHighlighter(host);

  const show = (shown: boolean) => {
    container.hidden = !shown;
    host.toggleAttribute(OPEN, shown);
    makeRoom(shown);
  };
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
      highlighter.dispose();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== pageSheet);
    },
  };
}

function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
