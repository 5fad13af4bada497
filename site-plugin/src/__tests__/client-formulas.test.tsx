// @vitest-environment happy-dom
import katex from "katex";
import { Lexer } from "marked";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { Formula } from "../client/panel/markdown/Formula";
import { readMathml } from "../client/panel/markdown/mathml";
import { SYNTAX } from "../client/panel/markdown/syntax";

/** KaTeX warns of documents without a doctype, which the stand-in for one is. */
vi.hoisted(() => Object.defineProperty(document, "compatMode", { value: "CSS1Compat" }));

interface Found {
  type: string;
  text?: string;
  display?: boolean;
  tokens?: Found[];
}

function formulas(markdown: string): [string | undefined, boolean | undefined][] {
  const all = (tokens: Found[]): Found[] => tokens.flatMap((token) => [token, ...all(token.tokens ?? [])]);
  const tokens = all(new Lexer({ gfm: true, extensions: SYNTAX }).lex(markdown) as Found[]);
  return tokens.filter(({ type }) => type === "formula").map(({ text, display }) => [text, display]);
}

describe("a formula", () => {
  it.each([
    ["so $x^2$ is", "x^2", false],
    ["$$a + b$$ inline", "a + b", false],
    ["so \\(a_1 * b_1\\) is", "a_1 * b_1", false],
    ["$$\na\n\\cdot b\n$$", "a\n\\cdot b", true],
    ["Then:\n$$\na\n$$\nso.", "a", true],
    ["\\[ a \\]", "a", true],
    ["as $a\\$b$ shows", "a\\$b", false],
  ])("is read in %j", (markdown, tex, display) => {
    expect(formulas(markdown)).toEqual([[tex, display]]);
  });

  it.each(["costs $5 and $10", "$5–$10", "$HOME and $PATH", "`$x$`", "a \\$x\\$ b", "$5 a piece, or 10$", "$ x $"])(
    "is not seen in %j",
    (markdown) => {
      expect(formulas(markdown)).toEqual([]);
    },
  );
});

describe("MathML", () => {
  it("is kept as KaTeX writes it", () => {
    const markup = katex.renderToString("\\frac{a}{\\sqrt{b}}", { output: "mathml", displayMode: true });
    const html = renderToStaticMarkup(readMathml(markup));
    expect(html).toContain('<math display="block">');
    expect(html).toContain("<mfrac><mi>a</mi><msqrt><mi>b</mi></msqrt></mfrac>");
    expect(html).not.toContain("annotation");
  });

  it("loses whatever could do more than draw", () => {
    const hostile =
      '<math onclick="x()" style="color:red"><mi href="javascript:x()">a</mi><script>x()</script>' +
      "<maction>b</maction><semantics><annotation-xml encoding='text/html'><img src=x onerror=x()></annotation-xml></semantics></math>";
    expect(renderToStaticMarkup(readMathml(hostile))).toBe("<math><mi>a</mi><semantics></semantics></math>");
  });

  it("is nothing where there is no formula", () => {
    expect(readMathml("<p>a</p>")).toBeNull();
  });
});

it("is shown as TeX at first, and where it cannot be drawn", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const place = document.body.appendChild(document.createElement("div"));
  const root = createRoot(place);
  act(() =>
    root.render([<Formula key="a" tex="x^2" display />, <Formula key="b" tex={"\\broken{"} display={false} />]),
  );
  expect(place.textContent).toBe("x^2\\broken{");
  await vi.waitFor(async () => {
    await act(async () => undefined);
    expect(place.querySelector("math")).not.toBeNull();
  }, 10_000);
  expect(place.querySelectorAll("math")).toHaveLength(1);
  expect(place.querySelector("code")?.textContent).toBe("\\broken{");
  act(() => root.unmount());
});
