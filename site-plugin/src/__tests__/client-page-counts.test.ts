// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachCounts } from "../client/page/counts";
import { findPass } from "../client/site/insights-pass";

const KEPT = "booklight:insights";
const SECTIONS = [
  { url: "https://bees.example/book/hives", count: 4, unanswered: 0, questions: null },
  { url: "https://bees.example/book/hives#set-up", count: 3, unanswered: 1, questions: ["Where?", "<b>When</b>?"] },
  { url: "https://bees.example/book/honey#price", count: 9, unanswered: 9, questions: null },
];
let host: HTMLElement;
let asked: { url: string; pass: string }[];
let status: number;
const marks = () => Array.from(document.querySelectorAll("booklight-count"));
const attach = () => attachCounts(host, "/assistant", findPass() ?? "");
const said = () => marks().map((mark) => mark.shadowRoot?.textContent);

beforeEach(() => {
  document.body.innerHTML = `<article class="theme-doc-markdown"><h1>Hives</h1><h2 id="set-up">Set up</h2>
    <h2 id="price">Price</h2><h2>No id</h2></article><div></div>`;
  host = document.querySelector("div") as HTMLElement;
  document.documentElement.dataset.hasHydrated = "true";
  asked = [];
  status = 200;
  vi.stubGlobal("fetch", async (url: string, { headers }: { headers: { Authorization: string } }) => {
    asked.push({ url, pass: headers.Authorization });
    return new Response(JSON.stringify({ sections: SECTIONS }), { status });
  });
  history.replaceState(null, "", "/book/hives/#booklight-insights=abc.def");
});

afterEach(() => {
  host.dispatchEvent(new Event("booklight:dispose"));
  localStorage.clear();
  vi.unstubAllGlobals();
});

test("without a pass there is none to be found", () => {
  history.replaceState(null, "", "/book/hives/#set-up");
  expect(findPass()).toBeNull();
  expect(location.hash).toBe("#set-up");
});

test("the pass is taken out of the address and kept, and each heading says what was asked there", async () => {
  await attach();
  expect(asked).toEqual([{ url: "/assistant/insights.json?since=90", pass: "Bearer abc.def" }]);
  expect(location.hash).toBe("");
  expect(localStorage.getItem(KEPT)).toBe("abc.def");
  expect(said()).toEqual(["Asked here: 4Hide the counts", "Asked here: 3 · Not answered: 1Where?<b>When</b>?"]);
  expect(marks()[1]?.previousElementSibling?.id).toBe("set-up");
  expect(marks()[1]?.shadowRoot?.querySelectorAll("summary, li")).toHaveLength(3);
});

test("they follow the author to another page", async () => {
  await attach();
  history.replaceState(null, "", "/book/honey");
  host.dispatchEvent(new Event("booklight:route"));
  expect(said()).toEqual(["Asked here: 0Hide the counts", "Asked here: 9 · Not answered: 9"]);
  expect(asked).toHaveLength(1);
});

test("once hidden, they are not shown again", async () => {
  await attach();
  marks()[0]?.shadowRoot?.querySelector("button")?.click();
  host.dispatchEvent(new Event("booklight:route"));
  expect(marks()).toEqual([]);
  expect(localStorage.getItem(KEPT)).toBeNull();
});

test("a pass that is refused is forgotten, one that could not be checked is kept", async () => {
  const telling = vi.spyOn(console, "error").mockReturnValue();
  status = 503;
  await attach();
  expect(localStorage.getItem(KEPT)).toBe("abc.def");
  status = 404;
  await attach();
  expect(localStorage.getItem(KEPT)).toBeNull();
  expect(marks()).toEqual([]);
  telling.mockRestore();
});
