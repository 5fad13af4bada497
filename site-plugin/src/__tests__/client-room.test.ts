// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeRoom } from "../client/site/room";

const PANEL = 400;
const room = () => document.documentElement.getAttribute("data-booklight");

/** Lay the navbar's items out side by side, as wide as `items` while the page is `docked` or not. */
function layOut(items: (docked: boolean) => readonly (readonly [left: number, right: number])[]): void {
  const boxOf = function (this: Element) {
    const at = Array.from(document.querySelectorAll(".navbar__items > *")).indexOf(this);
    const [left, right] = items(room() === "docked")[at] ?? [0, innerWidth - (room() === "docked" ? PANEL : 0)];
    return new DOMRect(left, 0, right - left, 60);
  };
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(boxOf);
}

beforeEach(() => {
  const style = "<style>html[data-booklight=docked] body { padding-inline-end: 400px }</style>";
  document.head.innerHTML = style;
  document.body.innerHTML = '<nav class="navbar"><div class="navbar__items"><a>Book</a><a>Blog</a></div></nav>';
});
afterEach(() => {
  makeRoom(false);
  vi.unstubAllGlobals();
});

it.each([
  [800, "docked"],
  [996, "docked"],
  [997, "over"],
  [1280, "over"],
  [1396, "over"],
  [1397, "docked"],
  [1920, "docked"],
])("in a window of %i pixels the panel is %s", (width, expected) => {
  vi.stubGlobal("innerWidth", width);
  layOut(() => [
    [0, 100],
    [110, 200],
  ]);
  makeRoom(true);
  expect(room()).toBe(expected);
  makeRoom(false);
  expect(room()).toBeNull();
});

it("lies over a page whose navbar would be crowded beside it", () => {
  vi.stubGlobal("innerWidth", 1600);
  layOut((docked) =>
    docked
      ? [
          [0, 700],
          [600, 1200],
        ]
      : [
          [0, 700],
          [800, 1400],
        ],
  );
  makeRoom(true);
  expect(room()).toBe("over");
});

it("lies over a page whose navbar would reach under it", () => {
  vi.stubGlobal("innerWidth", 1600);
  layOut(() => [
    [0, 700],
    [800, 1400],
  ]);
  makeRoom(true);
  expect(room()).toBe("over");
});

it("leaves a navbar that is crowded anyway as it is", () => {
  vi.stubGlobal("innerWidth", 1600);
  layOut(() => [
    [0, 700],
    [600, 900],
  ]);
  makeRoom(true);
  expect(room()).toBe("docked");
});
