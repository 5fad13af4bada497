// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachActions, markdownAddress } from "../client/page/actions";
import { english as words } from "../messages/en";

const HOME = "/book/";
let host: HTMLElement;
let answers: Record<string, Response>;
const actions = () => document.querySelector("booklight-page-actions")?.shadowRoot?.children ?? [];

beforeEach(() => {
  document.body.innerHTML = "<article><header><h1>Hives</h1></header></article><div></div>";
  host = document.querySelector("div") as HTMLElement;
  answers = { "/book/hives.md": new Response(null, { headers: { "content-type": "text/markdown" } }) };
  const missing = new Response(null, { status: 404 });
  vi.stubGlobal("fetch", async (address: string) => answers[address] ?? missing);
  history.replaceState(null, "", "/book/hives");
  document.documentElement.dataset.hasHydrated = "true";
});

afterEach(() => {
  host.dispatchEvent(new Event("booklight:dispose"));
  vi.unstubAllGlobals();
});

test.each([
  ["/book/hives", "/book/hives.md"],
  ["/book/hives/", "/book/hives.md"],
  ["/book/hives/index.html", "/book/hives.md"],
  ["/book/hives.html", "/book/hives.md"],
  ["/book/", "/book/index.md"],
  ["/book/index.html", "/book/index.md"],
])("the Markdown of %s is %s", (path, address) => {
  expect(markdownAddress(path, HOME)).toBe(address);
});

test("a page that was written as Markdown can be copied and opened, where its author wants that", async () => {
  attachActions(host, { actions: ["copy", "open"], home: HOME, words });
  await vi.waitFor(() => expect(actions()).toHaveLength(2));
  const [copy, open] = Array.from(actions());
  expect(copy?.textContent).toBe("Copy page");
  expect(open?.textContent).toBe("Open as Markdown");
  expect(open?.getAttribute("href")).toBe("/book/hives.md");
  expect(document.querySelector("h1")?.nextElementSibling?.localName).toBe("booklight-page-actions");
});

test("nothing is put into a page before React has taken it over", async () => {
  document.documentElement.dataset.hasHydrated = "false";
  attachActions(host, { actions: ["open"], home: HOME, words });
  await new Promise((resolve) => setTimeout(resolve));
  expect(actions()).toHaveLength(0);
  document.documentElement.dataset.hasHydrated = "true";
  await vi.waitFor(() => expect(actions()).toHaveLength(1));
});

test("a page that was not has nothing, not even after one that was", async () => {
  attachActions(host, { actions: ["open"], home: HOME, words });
  await vi.waitFor(() => expect(actions()).toHaveLength(1));
  answers["/book/app"] = new Response("<html>", { headers: { "content-type": "text/html" } });
  for (const path of ["/book/gone", "/book/app"]) {
    history.replaceState(null, "", path);
    host.dispatchEvent(new Event("booklight:route"));
    await new Promise((resolve) => setTimeout(resolve));
    expect(actions()).toHaveLength(0);
  }
});
