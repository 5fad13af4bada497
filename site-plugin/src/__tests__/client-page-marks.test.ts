// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attach } from "../client/page/attach";
import { attachMarks } from "../client/page/marks";
import type { AskedPlace } from "../client/page/spots";
import { english as words } from "../messages/en";

const SESSION = "booklight:session:/assistant";
const EXTRAS = { actions: [], home: "/", words };
const OPTIONS = { assistantUrl: "/assistant", title: "", failed: "", shortcut: "i", asked: "asked" } as const;
let host: HTMLElement;
let places: AskedPlace[];
let asked: { url: string; init: RequestInit }[];
let status: number;
const open = vi.fn();
const marks = () => Array.from(document.querySelectorAll("booklight-mark"));
const buttons = () => marks().map((mark) => mark.shadowRoot?.querySelector("button") as HTMLButtonElement);
const names = () => buttons().map((button) => button.ariaLabel);
const settled = () => new Promise((resolve) => setTimeout(resolve));

async function show(): Promise<void> {
  attachMarks(host, "/assistant", open, EXTRAS);
  await settled();
}

function place(question: string, text: string | null, anchor: string | null = null): AskedPlace {
  return { thread_id: `thr_${question}`, question, anchor, text, asked_at: "2026-11-29T12:00:00Z" };
}

beforeEach(() => {
  document.body.innerHTML = `<article class="theme-doc-markdown"><h1>Hives</h1><p>Bees live in <em>hives</em>.</p>
    <h2 id="smoke">Smoke</h2><ul><li>Light the smoker before you open a hive.</li></ul><pre><code>smoker --on</code></pre>
    <a href="/x"><p>All about smokers.</p></a></article><div></div>`;
  host = document.querySelector("div") as HTMLElement;
  document.documentElement.dataset.hasHydrated = "true";
  localStorage.setItem(SESSION, "token");
  places = [];
  asked = [];
  status = 200;
  open.mockClear();
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return new Response(JSON.stringify({ places }), { status });
  });
  history.replaceState(null, "", "/book/hives");
});

afterEach(() => {
  host.dispatchEvent(new Event("booklight:dispose"));
  localStorage.clear();
  vi.unstubAllGlobals();
});

test("each passage is marked where it stands, else at its heading, and its mark opens the conversation", async () => {
  places = [
    place("Where?", "bees live in hives"),
    place("Why?", "Light the smoker…", "smoke"),
    place("What was it?", "What is there no more.", "smoke"),
    place("Who?", null, "gone"),
    place("How?", "smoker --on", "smoke"),
    place("Which?", "All about smokers."),
  ];
  await show();
  expect(names()).toEqual(
    ["Where?", "What was it?", "Why?", "How?", "Which?"].map((asked) => `Asked here before: ${asked}`),
  );
  const around = marks().map(({ parentElement, previousElementSibling }) => [
    parentElement?.localName,
    previousElementSibling?.localName,
  ]);
  expect(around).toEqual([
    ["p", undefined],
    ["article", "h2"],
    ["li", undefined],
    ["article", "ul"],
    ["article", "pre"],
  ]);
  buttons()[2]?.click();
  expect(open.mock.calls).toEqual([[{ threadId: "thr_Why?" }]]);
  const [{ url, init } = { url: "", init: {} }] = asked;
  expect(url).toBe("/assistant/asked");
  expect(init.body).toBe('{"path":"/book/hives","locale":"en"}');
  expect(new Headers(init.headers).get("Authorization")).toBe("Bearer token");
});

test("several conversations about one passage are listed, each once", async () => {
  places = [place("Why?", "Light the smoker"), place("When?", "before you open a hive"), place("Why?", "open a hive")];
  await show();
  expect(names()).toEqual(["Asked here before: 2"]);
  const list = marks()[0]?.shadowRoot?.querySelector("ul") as HTMLUListElement;
  expect(list.hidden).toBe(true);
  buttons()[0]?.click();
  expect([list.hidden, buttons()[0]?.ariaExpanded]).toEqual([false, "true"]);
  const entries = Array.from(list.querySelectorAll("button"));
  expect(entries.map(({ textContent }) => textContent)).toEqual(["Why?", "When?"]);
  entries[1]?.click();
  expect(open).toHaveBeenCalledWith({ threadId: "thr_When?" });
  expect(list.hidden).toBe(true);
});

test("they follow the reader to another page, and to another heading of the same one without asking again", async () => {
  places = [place("Where?", "bees live in hives")];
  await show();
  history.replaceState(null, "", "/book/hives#smoke");
  host.dispatchEvent(new Event("booklight:route"));
  await settled();
  expect([asked.length, marks().length]).toEqual([1, 1]);
  places = [];
  history.replaceState(null, "", "/book/honey");
  host.dispatchEvent(new Event("booklight:route"));
  expect(marks()).toEqual([]);
  await settled();
  expect(asked[1]?.init.body).toBe('{"path":"/book/honey","locale":"en"}');
});

test("they are loaded anew when something was asked or deleted, and only the last of it is shown", async () => {
  await show();
  places = [place("Where?", "bees live in hives")];
  host.dispatchEvent(new Event("booklight:asked"));
  host.dispatchEvent(new Event("booklight:asked"));
  await settled();
  expect([asked.length, marks().length]).toEqual([3, 1]);
  host.dispatchEvent(new Event("booklight:asked"));
  host.dispatchEvent(new Event("booklight:dispose"));
  await settled();
  expect(marks()).toEqual([]);
});

test("nothing is put into a page before React has taken it over", async () => {
  document.documentElement.dataset.hasHydrated = "false";
  places = [place("Where?", "bees live in hives")];
  await show();
  expect([asked.length, marks().length]).toEqual([1, 0]);
  document.documentElement.dataset.hasHydrated = "true";
  await vi.waitFor(() => expect(marks()).toHaveLength(1));
});

test("for a reader without a token nobody is asked, and what fails leaves the page as it is", async () => {
  const telling = vi.spyOn(console, "error").mockReturnValue();
  localStorage.clear();
  await show();
  expect(asked).toEqual([]);
  localStorage.setItem(SESSION, "token");
  status = 503;
  host.dispatchEvent(new Event("booklight:asked"));
  await settled();
  expect(marks()).toEqual([]);
  expect(telling).toHaveBeenCalledOnce();
});

test("they come once, where the reader has asked and the author wants them", async () => {
  attach(host, OPTIONS, open);
  attach(host, { ...OPTIONS, asked: "" }, open);
  await settled();
  expect(asked).toEqual([]);
  localStorage.setItem("asked", "1");
  for (const _ of ["once", "twice"]) attach(host, OPTIONS, open);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
});
