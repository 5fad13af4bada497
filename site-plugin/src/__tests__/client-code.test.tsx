// @vitest-environment happy-dom
import { Prism } from "prism-react-renderer";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import { CodeBlock } from "../client/panel/markdown/CodeBlock";
import { colourCode } from "../client/panel/markdown/tokens";

const colour = (text: string, language: string) => colourCode(text, language, Prism as never);

it("colours code without changing a letter of it", () => {
  const text = 'def f(a):\n    return "<b>" + a  # why';
  const pieces = colour(text, "python");
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
  expect(pieces).toContainEqual({ kind: "keyword", text: "def" });
  expect(pieces).toContainEqual({ kind: "string", text: '"<b>"' });
});

it.each(["", "nosuch", "extend", "toString", "__proto__"])("leaves code in %j plain", (language) => {
  expect(colour("a b", language)).toEqual([{ kind: "", text: "a b" }]);
});

it("shows title, language and code at once, and colours when they have come", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  act(() => root.render(<CodeBlock text="const a = 1" language="tsx" title="a.tsx" />));
  expect(place.querySelector(".code-head")?.textContent).toBe("a.tsxtsx");
  expect(place.querySelector("code")?.innerHTML).toBe("const a = 1");
  await vi.waitFor(async () => {
    await act(async () => undefined);
    expect(place.querySelector(".t-keyword")?.textContent).toBe("const");
  });
  expect(place.querySelector("code")?.textContent).toBe("const a = 1");
  act(() => root.unmount());
});
