/** Bring the panel to life inside the host element, and make room for it beside the page. */

import { createRoot } from "react-dom/client";
import type { ClientOptions } from "../../contract";
import { createHighlighter } from "../highlight/highlighter";
import { loadMessages } from "../messages";
import { type Passage, readPassage, selectedRange } from "../selection/passage";
import { ANSWER_STYLES } from "./answer-styles";
import { connectAssistant } from "./chatkit";
import { openConversation } from "./conversation";
import { takeLinkedQuestion } from "./deep-link";
import { openDraft } from "./draft";
import { Panel } from "./Panel";
import { makeRoom } from "./room";
import { createStore } from "./store";
import { PAGE_STYLES, PANEL_STYLES } from "./styles";

const OPEN = "data-open";
const COVERING = "(max-width: 767px)";

/** The panel as the launcher knows it. */
export interface PanelHandle {
  /** Show the panel, with `passage`, or else what is selected in the article, as what the question is about. */
  open(passage?: Passage): void;
}

/** Mount the panel into `host`; it stays mounted when closed, so that an answer goes on being written. */
export async function mountPanel(
  host: HTMLElement,
  launcher: HTMLElement,
  options: ClientOptions,
): Promise<PanelHandle> {
  const messages = await loadMessages(document.documentElement.lang);
  const container = document.createElement("div");
  host.shadowRoot?.append(container);
  host.shadowRoot?.adoptedStyleSheets.push(styleSheet(PANEL_STYLES), styleSheet(ANSWER_STYLES));
  const pageSheet = styleSheet(PAGE_STYLES);
  document.adoptedStyleSheets.push(pageSheet);

  const store = createStore();
  const draft = openDraft();
  const conversation = openConversation(connectAssistant(options.assistantUrl), store);
  const root = createRoot(container);
  let opening = 0;

  const show = (shown: boolean) => {
    container.hidden = !shown;
    host.toggleAttribute(OPEN, shown);
    makeRoom(shown);
  };
  const close = () => {
    show(false);
    launcher.focus({ preventScroll: true });
  };
  const highlighter = createHighlighter(host);
  const follow = (href: string, passages?: readonly string[]) => {
    if (matchMedia(COVERING).matches) show(false);
    highlighter.follow(href, passages);
  };
  const props = { host, options, messages, store, draft, conversation, onClose: close, onFollow: follow };

  host.addEventListener("booklight:dispose", () => {
    show(false);
    root.unmount();
    highlighter.dispose();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== pageSheet);
  });
  return {
    open(given) {
      const linked = takeLinkedQuestion();
      if (linked) draft.write(linked);
      const range = selectedRange(document);
      const passage = given ?? (range && readPassage(range, document));
      if (passage) store.dispatch({ type: "selected", passage });
      show(true);
      opening += 1;
      root.render(<Panel {...props} opening={opening} />);
    },
  };
}

function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
