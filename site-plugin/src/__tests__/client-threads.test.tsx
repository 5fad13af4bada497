// @vitest-environment happy-dom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ThreadSummary } from "../client/panel/api/protocol";
import { matchTitles, type ThreadQuery } from "../client/panel/api/threads";
import ThreadList from "../client/panel/view/ThreadList";

const thread = (id: number): ThreadSummary => ({
  id: `thr_${id}`,
  title: `Question ${id}`,
  created_at: "2026-11-12T10:00:00Z",
});

let end = () => {};

beforeEach(() => vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true));
afterEach(() => {
  act(() => end());
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

/** A list over pages of two threads each; `fail` makes everything after it go wrong. */
async function show(pages: number) {
  const asked: ThreadQuery[] = [];
  let failing = false;
  const attempt = async <T,>(value: T) => {
    if (failing) throw new Error("no");
    return value;
  };
  const actions = {
    list(query: ThreadQuery) {
      asked.push(query);
      const page = Number(query.after ?? 0);
      const data = [thread(2 * page + 1), thread(2 * page + 2)];
      return attempt({ data, has_more: page + 1 < pages, after: String(page + 1) });
    },
    rename: vi.fn(() => attempt(undefined)),
    delete: vi.fn(() => attempt(undefined)),
    deleteAll: vi.fn(() => attempt(undefined)),
  };
  const [onOpen, onGone] = [vi.fn(), vi.fn()];
  const host = document.createElement("div");
  document.body.append(host);
  const root = createRoot(host);
  end = () => root.unmount();
  await act(async () =>
    root.render(<ThreadList actions={actions} current="thr_1" path="/a" onOpen={onOpen} onGone={onGone} />),
  );
  const button = (label: string) =>
    Array.from(host.querySelectorAll("button")).find((each) =>
      [each.getAttribute("aria-label"), each.textContent].includes(label),
    );
  const click = (label: string) => act(async () => button(label)?.click());
  const titles = () => Array.from(host.querySelectorAll(".threads .heading"), (each) => each.textContent);
  const search = async (words: string) => {
    const input = host.querySelector("input[type=search]") as HTMLInputElement;
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
    await act(async () => {
      set?.call(input, words);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  };
  const fail = () => {
    failing = true;
  };
  return { host, actions, asked, onOpen, onGone, button, click, titles, search, fail };
}

it("shows a page at a time", async () => {
  const { titles, click, button } = await show(2);
  expect(titles()).toEqual(["Question 1", "Question 2"]);
  await click("Show more");
  expect(titles()).toHaveLength(4);
  expect(button("Show more")).toBeUndefined();
});

it("searches all pages", async () => {
  const { titles, search, asked, host } = await show(4);
  await search("question 7");
  expect(titles()).toEqual(["Question 7"]);
  expect(asked).toHaveLength(4);
  expect(host.textContent).toContain("1 conversation");
  await search("bees");
  expect(host.textContent).toContain("No title matches.");
});

it("asks for the threads of a page by its path", async () => {
  const { asked, host } = await show(1);
  await act(async () => host.querySelector<HTMLInputElement>("input[type=checkbox]")?.click());
  expect(asked.map(({ path }) => path)).toEqual([null, "/a"]);
});

it("deletes only what was confirmed, and says when the open conversation is gone", async () => {
  const { click, actions, titles, onGone } = await show(1);
  await click("Delete “Question 1”");
  await click("Keep");
  expect(actions.delete).not.toHaveBeenCalled();
  await click("Delete “Question 1”");
  await click("Delete");
  expect(actions.delete).toHaveBeenCalledWith("thr_1");
  expect(titles()).toEqual(["Question 2"]);
  expect(onGone).toHaveBeenCalledOnce();
});

it("deletes all conversations once that is confirmed", async () => {
  const { click, actions, titles, onGone, host, button } = await show(2);
  await click("Delete all my conversations");
  expect(host.textContent).toContain("Delete all your conversations for good?");
  await click("Keep");
  expect(actions.deleteAll).not.toHaveBeenCalled();
  await click("Delete all my conversations");
  await click("Delete");
  expect(actions.deleteAll).toHaveBeenCalledOnce();
  expect(titles()).toEqual([]);
  expect(host.textContent).toContain("Deleted.");
  expect(button("Delete all my conversations")).toBeUndefined();
  expect(button("Show more")).toBeUndefined();
  expect(onGone).toHaveBeenCalledOnce();
});

it("keeps all conversations where they could not be deleted", async () => {
  const { click, titles, fail, host, onGone } = await show(1);
  fail();
  await click("Delete all my conversations");
  await click("Delete");
  expect(titles()).toHaveLength(2);
  expect(host.textContent).toContain("That did not work. Try again.");
  expect(onGone).not.toHaveBeenCalled();
});

it("keeps what could not be deleted, and says so", async () => {
  const { click, titles, fail, host, onGone } = await show(1);
  fail();
  await click("Delete “Question 1”");
  await click("Delete");
  expect(titles()).toHaveLength(2);
  expect(host.textContent).toContain("That did not work. Try again.");
  expect(onGone).not.toHaveBeenCalled();
});

it("offers another try where the list could not be loaded", async () => {
  const { click, fail, button } = await show(2);
  fail();
  await click("Show more");
  expect(button("Try again")).toBeDefined();
});

it("matches every word of a search in any case", () => {
  const threads = [thread(1), { ...thread(2), title: "Straße nach Köln" }, { id: "3", created_at: "" }];
  expect(matchTitles(threads, " köln  STRAßE ")).toEqual([threads[1]]);
  expect(matchTitles(threads, "")).toHaveLength(3);
  expect(matchTitles(threads, "3")).toEqual([]);
});
