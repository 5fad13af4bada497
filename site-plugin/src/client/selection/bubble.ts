/** The small label beside a selected passage that asks about it. */

import { messages } from "../messages/messages";
import type { IsPressed } from "../site/keys";
import { navbarBottom } from "../site/navbar";
import { type Passage, readPassage, selectedRange } from "./passage";
import { listenForShortcut, SHORTCUT } from "./shortcut";
import { watchSelection } from "./watch";

const GAP = 8;
/** Under a finger: as much as the handles of a selection hang below it. */
const GAP_BELOW_HANDLES = 30;
const STYLES = `
.bubble{position:absolute;z-index:180;padding:5px 12px;border:0;border-radius:8px;cursor:pointer;white-space:nowrap;
font:600 .8125rem/1.5 var(--ifm-font-family-base,system-ui);color:var(--ifm-color-content-inverse,#fff);
background:var(--ifm-font-color-base,#1c1e21);box-shadow:0 4px 14px #0003;animation:bubble .12s ease-out}
.bubble[hidden]{display:none}
.bubble:focus-visible{outline:2px solid var(--ifm-color-primary,#2e6f5e);outline-offset:2px}
@media(pointer:coarse){.bubble{padding:11px 18px;font-size:.9375rem}}
@media print{.bubble{display:none}}
@keyframes bubble{from{opacity:0;translate:0 3px}}
@media(prefers-reduced-motion:reduce){.bubble{animation:none}}`;

/** Where a label may go: the first line of the selection and its last, in page coordinates. */
interface Lines {
  first: DOMRect;
  last: DOMRect;
}

/** Show the bubble at every selection in the article; `onAsk` gets the passage that was selected. */
export function attach(host: HTMLElement, onAsk: (passage: Passage) => void, isPressed: IsPressed): void {
  const root = host.shadowRoot;
  if (!root || !host.isConnected) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets.push(sheet);
  const bubble = bubbleButton();
  root.append(bubble);

  let range: Range | null = null;
  const hide = () => {
    bubble.hidden = true;
  };
  const stop = watchSelection(host, (selected) => {
    range = selected;
    if (selected) place(bubble, selected);
    else hide();
  });
  const ask = (selected: Range | null) => {
    const passage = selected && readPassage(selected, document);
    hide();
    if (passage) onAsk(passage);
    return passage !== null;
  };
  bubble.onclick = () => ask(range);
  const stopListening = listenForShortcut(document, isPressed, () => ask(selectedRange(document)));
  const dismiss = (event: KeyboardEvent) => event.key === "Escape" && hide();
  document.addEventListener("keydown", dismiss);
  host.addEventListener("focusin", (event) => event.composedPath()[0] !== bubble && hide());
  host.addEventListener("booklight:route", hide);
  host.addEventListener("booklight:dispose", () => {
    stop();
    stopListening();
    document.removeEventListener("keydown", dismiss);
  });
}

function bubbleButton(): HTMLButtonElement {
  const bubble = document.createElement("button");
  bubble.className = "bubble";
  bubble.textContent = messages.askAboutThis;
  bubble.setAttribute("part", "bubble");
  bubble.hidden = true;
  bubble.setAttribute("aria-keyshortcuts", SHORTCUT);
  bubble.title = SHORTCUT;
  bubble.onpointerdown = (event) => event.preventDefault();
  return bubble;
}

/**
 * Put the bubble above the first line, or below the last: never on the selection. Below where there is no room above,
 * and under a finger, since phones show their own menu above what is selected.
 */
function place(bubble: HTMLElement, range: Range): void {
  const lines = linesOf(range);
  if (!lines) return;
  bubble.hidden = false;
  const { first, last } = lines;
  const { offsetWidth: width, offsetHeight: height } = bubble;
  const above = first.top - height - GAP;
  const touched = matchMedia("(pointer: coarse)").matches;
  const line = above > navbarBottom() && !touched ? first : last;
  const top = line === first ? above : last.bottom + (touched ? GAP_BELOW_HANDLES : GAP);
  const room = document.documentElement.clientWidth - width - GAP;
  const left = Math.max(GAP, Math.min(line.left + line.width / 2 - width / 2, room));
  bubble.style.top = `${top + scrollY}px`;
  bubble.style.left = `${left + scrollX}px`;
}

function linesOf(range: Range): Lines | null {
  const boxes = Array.from(range.getClientRects()).filter((box) => box.width > 0 && box.height > 0);
  const first = boxes[0];
  const last = boxes.at(-1);
  return first && last ? { first, last } : null;
}
