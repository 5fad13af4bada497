/**
 * The mark of a spot: a button at the side of the page's text. It takes no room, so that no line of the page moves, and
 * stands in the order of the page, so that Tab and screen readers come to it where it belongs.
 */

import type { PageMessages } from "../../contract";
import { say } from "../messages/say";
import { findArticle } from "../site/article";
import type { AskedPlace, Spot } from "./spots";

const HOST = "booklight-mark";
/** What a mark follows, and what it goes before; it stands at the beginning of all else. */
const FOLLOWED = "summary,h1,h2,h3,h4,h5,h6";
const PRECEDED = "a,button,label,pre,[role=tablist]";
const STYLES = `
:host{all:initial;position:absolute;z-index:1;width:16px;height:24px;user-select:none;
font:.8125rem/1.5 var(--ifm-font-family-base,system-ui)}
:host(:hover),:host(:focus-within){z-index:2}
button{cursor:pointer;font:inherit;border:0;background:none;text-align:start;color:var(--ifm-font-color-base,#1c1e21)}
button:focus-visible{outline:2px solid var(--ifm-color-primary,#2e6f5e);outline-offset:-1px;border-radius:3px}
.mark{display:grid;place-content:center;width:100%;height:100%;padding:0;color:var(--ifm-color-emphasis-700,#525860)}
.mark:hover{color:var(--ifm-link-color,#2e6f5e)}
.mark span{box-sizing:border-box;min-width:12px;height:11px;border:1.5px solid;border-radius:4px;
border-end-start-radius:0;font-size:8px;line-height:8px;font-weight:700;text-align:center}
ul{position:absolute;inset-block-start:100%;inset-inline-start:0;margin:0;padding:4px;list-style:none;
width:max-content;max-width:min(20rem,80vw);border-radius:8px;box-shadow:0 4px 16px #0004;
background:var(--ifm-background-surface-color,#fff);border:1px solid var(--ifm-color-emphasis-300,#dadde1)}
ul[hidden]{display:none}
li button{width:100%;padding:6px 10px;border-radius:4px}
li button:hover{background:var(--ifm-hover-overlay,#0000000d)}
@media(pointer:coarse){li button{padding:11px 12px}}
@media print{:host{display:none}}`;

/** Opens a conversation in the panel. */
export type OpenConversation = (conversation: { threadId: string }) => void;

/** Put the mark of `spot` into the page, where `alignMark` has yet to bring it to the side. */
export function putMark(spot: Spot, words: PageMessages, open: OpenConversation): HTMLElement {
  const element = document.createElement(HOST);
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  const [first] = spot.places;
  if (first && spot.places.length === 1) root.append(openingMark(first, words, open));
  else root.append(...listingMark(spot.places, words, open));
  const { block } = spot;
  if (block.matches(FOLLOWED)) block.after(element);
  else if (block.matches(PRECEDED)) block.before(element);
  else block.prepend(element);
  return element;
}

/** Move a mark beside the first line of its spot, at the side where lines begin; within the window where that is narrow. */
export function alignMark(element: HTMLElement, { range }: Spot): void {
  const line = Array.from(range.getClientRects()).find(({ width }) => width > 0);
  const article = findArticle(document);
  if (!line || !article) return;
  element.style.translate = "none";
  const own = element.getBoundingClientRect();
  const text = article.getBoundingClientRect();
  const fromRight = getComputedStyle(article).direction === "rtl";
  const { clientWidth } = document.documentElement;
  const left = fromRight ? Math.min(text.right, clientWidth - own.width) : Math.max(text.left - own.width, 0);
  const top = line.top + (line.height - own.height) / 2;
  element.style.translate = `${left - own.left}px ${top - own.top}px`;
}

/** Take all marks out of the page. */
export function clearMarks(): void {
  for (const element of document.querySelectorAll(HOST)) element.remove();
}

function openingMark(place: AskedPlace, words: PageMessages, open: OpenConversation): HTMLElement {
  const button = markButton(say(words.askedBefore, { question: questionOf(place, words) }), "");
  button.onclick = () => open({ threadId: place.thread_id });
  return button;
}

/** A button that shows and hides a list of the questions. */
function listingMark(places: readonly AskedPlace[], words: PageMessages, open: OpenConversation): HTMLElement[] {
  const name = say(words.askedBeforeCount, { count: places.length });
  const button = markButton(name, String(places.length));
  const list = document.createElement("ul");
  const show = (shown: boolean) => {
    list.hidden = !shown;
    button.ariaExpanded = String(shown);
  };
  list.ariaLabel = name;
  list.append(
    ...places.map((place) => {
      const item = document.createElement("li");
      const entry = document.createElement("button");
      entry.type = "button";
      entry.textContent = questionOf(place, words);
      entry.onclick = () => {
        show(false);
        open({ threadId: place.thread_id });
      };
      item.append(entry);
      return item;
    }),
  );
  button.onclick = () => show(list.hidden);
  const parts: HTMLElement[] = [button, list];
  for (const part of parts) {
    part.onkeydown = (event) => {
      if (event.key !== "Escape" || list.hidden) return;
      show(false);
      button.focus();
    };
    part.addEventListener("focusout", ({ relatedTarget: next }) => {
      if (!parts.some((each) => each.contains(next as Node | null))) show(false);
    });
  }
  show(false);
  return [button, list];
}

function markButton(name: string, text: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "mark";
  button.part = "mark";
  button.ariaLabel = name;
  button.title = name;
  const bubble = document.createElement("span");
  bubble.textContent = text;
  button.append(bubble);
  return button;
}

function questionOf({ question }: AskedPlace, words: PageMessages): string {
  return question || words.untitled;
}
