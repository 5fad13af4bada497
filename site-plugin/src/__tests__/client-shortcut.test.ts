// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenForShortcut } from "../client/selection/shortcut";
import { isPressed } from "../client/site/keys";

const asked = vi.fn(() => true);
let stop: () => void;
beforeEach(() => {
  document.body.innerHTML =
    '<p id="text">a</p><input id="field"><div contenteditable="true"><b id="edited">b</b></div>';
  asked.mockClear();
  stop = listenForShortcut(document, isPressed, asked);
});
afterEach(() => stop());

function press(id: string, init: KeyboardEventInit): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { bubbles: true, composed: true, cancelable: true, ...init });
  document.getElementById(id)?.dispatchEvent(event);
  return event;
}

it("is Alt+A, also where Alt makes another letter of it", () => {
  expect(press("text", { key: "a", altKey: true }).defaultPrevented).toBe(true);
  press("text", { key: "å", code: "KeyA", altKey: true });
  expect(asked).toHaveBeenCalledTimes(2);
});

it("is the same key where the keyboard writes another alphabet", () => {
  expect(press("text", { key: "ф", code: "KeyA", altKey: true }).defaultPrevented).toBe(true);
});

it.each([
  { key: "a" },
  { key: "q", code: "KeyA", altKey: true },
  { key: "a", altKey: true, ctrlKey: true },
  { key: "A", altKey: true, shiftKey: true },
])("is not %j", (init) => {
  press("text", init);
  expect(asked).not.toHaveBeenCalled();
});

it("never fires while typing", () => {
  press("field", { key: "a", altKey: true });
  press("edited", { key: "a", altKey: true });
  expect(asked).not.toHaveBeenCalled();
});

it("leaves the key alone when nothing is selected", () => {
  asked.mockReturnValueOnce(false);
  expect(press("text", { key: "a", altKey: true }).defaultPrevented).toBe(false);
});
