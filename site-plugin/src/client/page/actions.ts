/** What a reader may do with the page as Markdown: copy it, or open it. Shown where the page was written as that. */

import options from "@generated/docusaurus-plugin-booklight/default/page.json";
import type { PageExtras, PageMessages } from "../../contract";
import { copyText } from "../site/clipboard";
import { hydrated } from "../site/hydrated";
import { report } from "../site/report";

const HOST = "booklight-page-actions";
const SHOWN = 1600;
const STYLES = `
:host{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 1rem;font:.875rem/1.5 var(--ifm-font-family-base,system-ui)}
button,a{padding:2px 0;border:0;background:none;font:inherit;cursor:pointer;text-decoration:none;
color:var(--ifm-color-emphasis-700,#525860)}
button:hover,a:hover{color:var(--ifm-link-color,#2e6f5e);text-decoration:underline}
button:focus-visible,a:focus-visible{outline:2px solid var(--ifm-color-primary,#2e6f5e);outline-offset:2px;border-radius:2px}
@media(pointer:coarse){button,a{padding:10px 0}}
@media print{:host{display:none}}`;

/** Put the actions below the title of every page that the reader goes to, until `host` is disposed of. */
export function attachActions(host: HTMLElement, page: PageExtras = options): void {
  let shown = 0;
  const show = async () => {
    shown += 1;
    const turn = shown;
    document.querySelector(HOST)?.remove();
    const address = markdownAddress(location.pathname, page.home);
    const [found] = await Promise.all([isMarkdown(address), hydrated()]);
    if (found && turn === shown) document.querySelector("article h1")?.after(bar(address, page));
  };
  host.addEventListener("booklight:route", show);
  host.addEventListener("booklight:dispose", () => {
    shown += 1;
    document.querySelector(HOST)?.remove();
  });
  show();
}

/** Return where the Markdown of the page at `path` is: beside it, and within the folder of the `home` page. */
export function markdownAddress(path: string, home: string): string {
  const route = path.replace(/(?:index)?\.html$/, "");
  return route === home ? `${home}index.md` : `${route.replace(/\/$/, "")}.md`;
}

/** Whether there is such a file; servers that answer with a page of their own in its place have none. */
async function isMarkdown(address: string): Promise<boolean> {
  try {
    const answer = await fetch(address, { method: "HEAD" });
    return answer.ok && !/html/.test(answer.headers.get("content-type") ?? "");
  } catch (error) {
    report("the page's Markdown was not looked for", error);
    return false;
  }
}

function bar(address: string, { actions, words }: PageExtras): HTMLElement {
  const element = document.createElement(HOST);
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  root.append(...actions.map((action) => (action === "copy" ? copyButton(address, words) : openLink(address, words))));
  return element;
}

function openLink(address: string, words: PageMessages): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = words.openMarkdown;
  return link;
}

function copyButton(address: string, words: PageMessages): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.ariaLive = "polite";
  const say = (text: string) => {
    button.textContent = text;
  };
  say(words.copyPage);
  button.onclick = async () => {
    try {
      await copy(address);
      say(words.copied);
    } catch (error) {
      report("the page was not copied", error);
      say(words.notDone);
    }
    setTimeout(() => say(words.copyPage), SHOWN);
  };
  return button;
}

/** Copy the text at `address`. */
function copy(address: string): Promise<void> {
  return copyText(
    fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return answer.text();
    }),
  );
}
