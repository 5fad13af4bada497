// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const load = async () => {
  vi.resetModules();
  return import("../client/launcher");
};
const hosts = () => [...document.querySelectorAll("booklight-assistant")];
/** The panel is a good part of the whole widget, and it is loaded and compiled here. */
const LOADING = { timeout: 10_000 };
const launcher = () => hosts()[0]?.shadowRoot?.querySelector("button");

beforeEach(() => {
  document.body.innerHTML = "<article><h1>Why</h1><p>Because.</p></article>";
});

afterEach(() => {
  for (const host of hosts()) host.dispatchEvent(new Event("booklight:dispose"));
});

it("mounts one button, named by the title, beside the page", async () => {
  await load();
  expect(hosts()).toHaveLength(1);
  expect(launcher()?.ariaLabel).toBe("Ask this book");
  expect(hosts()[0]?.parentElement).toBe(document.body);
});

it("mounts once however often the module runs", async () => {
  await load();
  await load();
  expect(hosts()).toHaveLength(1);
});

it("asks nobody for anything before it is used", async () => {
  const fetching = vi.spyOn(globalThis, "fetch");
  const { onRouteDidUpdate } = await load();
  onRouteDidUpdate();
  expect(fetching).not.toHaveBeenCalled();
});

it("loads what marks passages on each route of a reader who has asked, and does without where nothing can be kept", async () => {
  const attach = vi.fn();
  vi.doMock("../client/page/attach", () => ({ attach }));
  const { onRouteDidUpdate } = await load();
  onRouteDidUpdate();
  localStorage.setItem("booklight:asked:/assistant", "1");
  onRouteDidUpdate();
  await vi.waitFor(() => expect(attach).toHaveBeenCalledOnce());
  expect(attach.mock.calls[0]?.[0]).toBe(hosts()[0]);
  vi.stubGlobal("localStorage", undefined);
  expect(onRouteDidUpdate).not.toThrow();
  vi.unstubAllGlobals();
  localStorage.clear();
  vi.doUnmock("../client/page/attach");
});

it("tells the panel of every route", async () => {
  const { onRouteDidUpdate } = await load();
  const moved = vi.fn();
  hosts()[0]?.addEventListener("booklight:route", moved);
  onRouteDidUpdate();
  expect(moved).toHaveBeenCalledOnce();
});

it("opens a region of the same name with the focus in the composer, and gives the focus back on Escape", async () => {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("offline"));
  await load();
  const shadow = hosts()[0]?.shadowRoot;
  launcher()?.click();
  await vi.waitFor(() => expect(shadow?.activeElement?.getAttribute("aria-label")).toBe("Your question"), LOADING);
  expect(shadow?.querySelector("aside")?.getAttribute("aria-label")).toBe("Ask this book");
  await vi.waitFor(() => expect(shadow?.querySelector(".foot")?.textContent).toContain("cannot be reached"));
  const pressed = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, composed: true });
  shadow?.activeElement?.dispatchEvent(pressed);
  expect(hosts()[0]?.hasAttribute("data-open")).toBe(false);
  expect(shadow?.activeElement).toBe(launcher());
});

const isOpen = () => hosts()[0]?.hasAttribute("data-open") ?? false;

function press(target: EventTarget, init: KeyboardEventInit) {
  const event = new KeyboardEvent("keydown", { key: "i", bubbles: true, composed: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}

it.each([{ ctrlKey: true }, { metaKey: true }])("opens at the shortcut with %j", async (init) => {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("offline"));
  await load();
  expect(press(document.body, init)).toBe(true);
  await vi.waitFor(() => expect(isOpen()).toBe(true), LOADING);
});

it.each([
  { key: "ш", code: "KeyI", ctrlKey: true },
  { key: "ι", code: "KeyI", metaKey: true },
  { key: "I", code: "KeyI", ctrlKey: true },
])("opens at the same key whatever alphabet it writes, as in %j", async (init) => {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("offline"));
  await load();
  expect(press(document.body, init)).toBe(true);
  await vi.waitFor(() => expect(isOpen()).toBe(true), LOADING);
});

it("leaves every other key, and every key while typing, to the page", async () => {
  await load();
  document.body.insertAdjacentHTML(
    "beforeend",
    "<input><textarea></textarea><p contenteditable><b>x</b></p><select></select>",
  );
  for (const init of [
    {},
    { key: "k", ctrlKey: true },
    { key: "c", code: "KeyI", ctrlKey: true },
    { key: "Tab", code: "Tab", ctrlKey: true },
    { ctrlKey: true, shiftKey: true },
    { ctrlKey: true, altKey: true },
  ]) {
    expect(press(document.body, init)).toBe(false);
  }
  for (const field of document.querySelectorAll("input,textarea,b,select")) {
    expect(press(field, { ctrlKey: true })).toBe(false);
  }
});

it("opens for a link with a question, fills it in, takes it out of the address and sends nothing", async () => {
  const fetching = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("offline"));
  history.replaceState(null, "", "?ask=Why%20not%3F&x=1");
  const { onRouteDidUpdate } = await load();
  onRouteDidUpdate();
  const field = () => hosts()[0]?.shadowRoot?.querySelector("textarea");
  await vi.waitFor(() => expect(field()?.value).toBe("Why not?"), LOADING);
  expect(location.search).toBe("?x=1");
  expect(fetching).not.toHaveBeenCalled();
});

it("says in the reader's language that the panel did not load, tells the console why, and tries again", async () => {
  const telling = vi.spyOn(console, "error").mockReturnValue();
  const open = vi.fn();
  const mountPanel = vi.fn().mockResolvedValue({ open });
  for (const at of [1, 2]) mountPanel.mockRejectedValueOnce(new Error(`broken ${at}`));
  vi.doMock("../client/panel/mount", () => ({ mountPanel }));
  await load();
  const note = () => hosts()[0]?.shadowRoot?.querySelector("[role=alert]")?.textContent;
  for (const _ of ["once", "twice"]) {
    launcher()?.click();
    expect(note()).toBeUndefined();
    await vi.waitFor(() => expect(note()).toContain("did not load"));
  }
  expect(telling.mock.calls).toEqual([["Booklight: the panel did not load", new Error("broken 1")]]);
  launcher()?.click();
  await vi.waitFor(() => expect(open).toHaveBeenCalledOnce());
  expect(note()).toBeUndefined();
  vi.doUnmock("../client/panel/mount");
});
