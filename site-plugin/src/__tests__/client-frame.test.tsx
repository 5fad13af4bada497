// @vitest-environment happy-dom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Frame } from "../client/chatkit/Frame";
import { ENGLISH } from "../client/messages";
import site from "./client-generated/globalData";

const OPTIONS = site["docusaurus-plugin-booklight"].default;
const NOTE = "OpenAI will know that you asked.";

let place: HTMLElement;
let end = () => {};

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  localStorage.clear();
  place = document.createElement("div");
  document.body.replaceChildren(place);
});

afterEach(() => {
  act(end);
  vi.unstubAllGlobals();
});

type Load = (place: HTMLElement) => Promise<void>;

async function show(consent: string | null, onLoad: Load, onClose = () => {}, linked: string | null = null) {
  const root = createRoot(place);
  end = () => root.unmount();
  const options = { ...OPTIONS, ...(consent !== null && { consent }) };
  const props = { options, messages: ENGLISH, onLoad, onClose };
  await act(async () => root.render(<Frame {...props} opening={1} linked={linked} />));
  return () => act(async () => root.render(<Frame {...props} opening={2} linked={null} />));
}

const button = (name: string) =>
  [...place.querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name);
const press = (name: string) => act(async () => button(name)?.click());

it("loads nothing of a third party before the reader has agreed, and remembers that", async () => {
  const load = vi.fn(async () => {});
  await show(NOTE, load);
  expect(place.textContent).toContain(NOTE);
  expect(load).not.toHaveBeenCalled();
  await press(ENGLISH.agree);
  expect(load).toHaveBeenCalledOnce();
  expect(place.textContent).not.toContain(NOTE);
  act(end);
  await show(NOTE, load);
  expect(load).toHaveBeenCalledTimes(2);
});

it("closes, and loads nothing, for a reader who does not agree", async () => {
  const [load, close] = [vi.fn(async () => {}), vi.fn()];
  await show(NOTE, load, close);
  await press(ENGLISH.decline);
  expect(close).toHaveBeenCalledOnce();
  expect(load).not.toHaveBeenCalled();
});

it("has a head and a way out of its own until the component has one", async () => {
  let arrive = () => {};
  const close = vi.fn();
  await show(null, () => new Promise<void>((resolve) => (arrive = resolve)), close);
  expect(document.activeElement).toBe(button(ENGLISH.close));
  expect(place.querySelector("[aria-busy=true]")).not.toBeNull();
  await press(ENGLISH.close);
  expect(close).toHaveBeenCalledOnce();
  await act(async () => arrive());
  expect(button(ENGLISH.close)).toBeUndefined();
  expect(place.querySelector("[aria-busy=true]")).toBeNull();
});

it("tells of a component that did not load, and tries again", async () => {
  const load = vi.fn(async () => {}).mockRejectedValueOnce(new Error("blocked"));
  await show(null, load);
  expect(place.querySelector("[role=alert]")?.textContent).toContain("cannot be reached");
  await press(ENGLISH.retry);
  expect(place.querySelector("[role=alert]")).toBeNull();
  expect(load).toHaveBeenCalledTimes(2);
});

it("loads nothing for a link with a question until the reader wants it", async () => {
  const load = vi.fn(async () => {});
  await show(null, load, () => {}, "Why?");
  expect(place.textContent).toContain("Why?");
  expect(load).not.toHaveBeenCalled();
  await press(OPTIONS.title);
  expect(load).toHaveBeenCalledOnce();
});

it("takes opening it by hand after a link as wanting it", async () => {
  const load = vi.fn(async () => {});
  const openAgain = await show(null, load, () => {}, "Why?");
  await openAgain();
  expect(load).toHaveBeenCalledOnce();
});
