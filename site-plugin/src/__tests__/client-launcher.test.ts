// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";

const load = async () => {
  vi.resetModules();
  return import("../client/launcher");
};
const hosts = () => [...document.querySelectorAll("booklight-assistant")];
const launcher = () => hosts()[0]?.shadowRoot?.querySelector("button");

beforeEach(() => {
  document.body.innerHTML = "<article><h1>Why</h1><p>Because.</p></article>";
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
  await vi.waitFor(() => expect(shadow?.activeElement?.getAttribute("aria-label")).toBe("Your question"));
  expect(shadow?.querySelector("aside")?.getAttribute("aria-label")).toBe("Ask this book");
  await vi.waitFor(() => expect(shadow?.querySelector(".foot")?.textContent).toContain("cannot be reached"));
  const pressed = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, composed: true });
  shadow?.activeElement?.dispatchEvent(pressed);
  expect(hosts()[0]?.hasAttribute("data-open")).toBe(false);
  expect(shadow?.activeElement).toBe(launcher());
});
