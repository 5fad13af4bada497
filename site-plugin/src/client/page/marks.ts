/**
 * "Asked here before": a mark at the passages of the page that the reader asked about, or was led to, in earlier
 * conversations, which it opens. Loaded where this browser has asked before.
 */

import extras from "@generated/docusaurus-plugin-booklight/default/page.json";
import i18n from "@generated/i18n";
import type { PageExtras } from "../../contract";
import { openSession, withToken } from "../panel/api/session";
import { findArticle } from "../site/article";
import { hydrated } from "../site/hydrated";
import { report } from "../site/report";
import { alignMark, clearMarks, type OpenConversation, putMark } from "./mark";
import { type AskedPlace, findSpots } from "./spots";

/** Show the marks of every page that the reader goes to, until `host` is disposed of. */
export function attachMarks(
  host: HTMLElement,
  assistantUrl: string,
  open: OpenConversation,
  { words }: PageExtras = extras,
): void {
  const load = loaderOf(assistantUrl);
  let shown = "";
  let turn = 0;
  let align = () => {};
  const resized = new ResizeObserver(() => align());
  const clear = () => {
    turn += 1;
    resized.disconnect();
    clearMarks();
  };
  const show = async () => {
    turn += 1;
    const own = turn;
    shown = location.pathname;
    const [places] = await Promise.all([load(shown), hydrated()]);
    if (own !== turn) return;
    clear();
    const spots = findSpots(places, document);
    const marks = spots.map((spot) => [putMark(spot, words, open), spot] as const);
    align = () => {
      for (const [mark, spot] of marks) alignMark(mark, spot);
    };
    const article = findArticle(document);
    if (article && marks.length > 0) resized.observe(article);
  };
  const follow = () => {
    if (location.pathname === shown) return;
    clear();
    show();
  };
  host.addEventListener("booklight:route", follow);
  host.addEventListener("booklight:asked", show);
  host.addEventListener("booklight:dispose", clear);
  show();
}

/** Return what loads the places on a page of the reader's own questions; none for one who has no token. */
function loaderOf(assistantUrl: string): (path: string) => Promise<readonly AskedPlace[]> {
  const session = openSession(assistantUrl, (input, init) => fetch(input, init));
  const send = (path: string) =>
    withToken(session, (token) =>
      fetch(`${assistantUrl}/asked`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify({ path, locale: i18n.currentLocale }),
      }),
    );
  return async (path) => {
    try {
      if ((await session.existing()) === null) return [];
      const answer = await send(path);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return (await answer.json()).places;
    } catch (error) {
      report("what was asked here before was not loaded", error);
      return [];
    }
  };
}
