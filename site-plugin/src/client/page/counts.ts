/**
 * How many asked at each heading of the page, for an author who switched that on: a link on the page of insights brings
 * a pass, which is kept until it is refused or the counts are hidden. Loaded with the panel, where there is a pass.
 */

import { messages, say } from "../messages/messages";
import { findArticle } from "../site/article";
import { hydrated } from "../site/hydrated";
import { forgetPass } from "../site/insights-pass";
import { report } from "../site/report";

const HOST = "booklight-count";
const DAYS = 90;
const STYLES = `
:host{display:block;margin:-.5rem 0 1rem;font:.8125rem/1.6 var(--ifm-font-family-base,system-ui);
color:var(--ifm-color-emphasis-700,#525860)}
summary,button{cursor:pointer}
summary{width:fit-content}
button{padding:0;border:0;background:none;font:inherit;color:inherit;text-decoration:underline}
summary:focus-visible,button:focus-visible{outline:2px solid var(--ifm-color-primary,#2e6f5e);outline-offset:2px}
p,ul{margin:0}
ul{padding-inline-start:1.2rem;color:var(--ifm-font-color-base,#1c1e21)}
b{color:var(--ifm-font-color-base,#1c1e21)}
@media print{:host{display:none}}`;

/** What was asked at one place of the book; `questions` is null where too few readers asked. */
interface AskedSection {
  url: string;
  count: number;
  unanswered: number;
  questions: readonly string[] | null;
}

/** Show the counts of the sidecar at `assistantUrl` on every page that the author goes to, until they are hidden. */
export async function attachCounts(host: HTMLElement, assistantUrl: string, pass: string): Promise<void> {
  const [sections] = await Promise.all([loadSections(assistantUrl, pass), hydrated()]);
  if (!sections) return;
  const show = () => {
    clear();
    const article = findArticle(document);
    const title = document.querySelector("article h1");
    if (title) title.after(mark(sections.get(placeOf(location.pathname, "")), hide));
    for (const heading of article?.querySelectorAll("h2[id],h3[id],h4[id]") ?? []) {
      const asked = sections.get(placeOf(location.pathname, heading.id));
      if (asked) heading.after(mark(asked));
    }
  };
  const hide = () => {
    host.removeEventListener("booklight:route", show);
    forgetPass();
    clear();
  };
  host.addEventListener("booklight:route", show);
  host.addEventListener("booklight:dispose", clear);
  show();
}

async function loadSections(assistantUrl: string, pass: string): Promise<Map<string, AskedSection> | null> {
  try {
    const headers = { Authorization: `Bearer ${pass}` };
    const answer = await fetch(`${assistantUrl}/insights.json?since=${DAYS}`, { headers });
    if (answer.status === 404) forgetPass();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { sections }: { sections: readonly AskedSection[] } = await answer.json();
    return new Map(sections.map((section) => [placeOfUrl(section.url), section]));
  } catch (error) {
    report("the counts were not loaded", error);
    return null;
  }
}

function placeOfUrl(url: string): string {
  const { pathname, hash } = new URL(url, location.href);
  return placeOf(pathname, decodeURIComponent(hash.slice(1)));
}

/** Return what tells a place from others, whatever the form of its address. */
function placeOf(path: string, anchor: string): string {
  return `${decodeURI(path).replace(/(?:\/index)?\.html$|\/$/, "")}#${anchor}`;
}

function clear(): void {
  for (const element of document.querySelectorAll(HOST)) element.remove();
}

/** Return the mark of a place; that of the page itself has a button for `hide`. */
function mark(asked: AskedSection | undefined, hide?: () => void): HTMLElement {
  const element = document.createElement(HOST);
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  root.append(asked?.questions ? withQuestions(asked, asked.questions) : line(asked));
  if (hide) root.append(hideButton(hide));
  return element;
}

function withQuestions(asked: AskedSection, questions: readonly string[]): HTMLElement {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.append(...line(asked).childNodes);
  const list = document.createElement("ul");
  list.append(
    ...questions.map((question) => {
      const item = document.createElement("li");
      item.textContent = question;
      return item;
    }),
  );
  details.append(summary, list);
  return details;
}

function line(asked: AskedSection | undefined): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.append(say(messages.askedCount, { count: asked?.count ?? 0 }));
  if (asked?.unanswered) {
    const bold = document.createElement("b");
    bold.textContent = say(messages.notAnsweredCount, { count: asked.unanswered });
    paragraph.append(" · ", bold);
  }
  return paragraph;
}

function hideButton(hide: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = messages.hideCounts;
  button.onclick = hide;
  return button;
}
