// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { findPassage, findWords } from "../client/highlight/find";
import { foldElement } from "../client/highlight/folded";

const ARTICLE = `
  <h1>Chunks</h1>
  <p>A chunk is a piece.</p>
  <h2 id="where">Where to cut<a class="hash-link" href="#where">#</a></h2>
  <p>Cut where the <em>author</em> did: at <code>## headings</code>, “never” in
     mid-sentence. Go on.</p>
  <p>A chunk is a piece.</p>
  <div class="tabs"><div>npm run demo starts it</div><div hidden>yarn demo starts it</div></div>
  <div class="note"><span>tip</span><p>Keep the summary of every section short, and put the answer first.</p></div>
  <pre><code><span>a = 1</span>\n  <span>b = f(a)</span></code></pre>
  <p id="math">Thus <span class="katex"><span class="katex-mathml"><math><mi>x</mi><annotation>x^2</annotation></math></span><span class="katex-html" aria-hidden="true">x2</span></span> grows.</p>
  <h2 id="size">How large</h2>
  <p>Café &amp; naïve, 日本語の文章です。</p>`;

let article: Element;
beforeEach(() => {
  document.body.innerHTML = `<article>${ARTICLE}</article>`;
  article = document.querySelector("article") ?? document.body;
});

const find = (quotation: string, anchor = "") =>
  findPassage(foldElement(article), quotation, document.getElementById(anchor));
const text = (range: Range | null) => range?.toString();

describe("a quotation is found", () => {
  it("whatever its white space, marks and quotation marks", () => {
    const found = find('Cut where the author did: at ## headings, "never" in mid-sentence.');
    expect(found?.toString().replace(/\s+/g, " ")).toBe(
      "Cut where the author did: at ## headings, “never” in mid-sentence.",
    );
  });

  it("in the section it is cited from, when it stands in several", () => {
    expect(find("A chunk is a piece.")?.startContainer.parentElement?.previousElementSibling?.tagName).toBe("H1");
    expect(find("A chunk is a piece.", "where")?.startContainer.parentElement?.previousElementSibling?.tagName).toBe(
      "P",
    );
  });

  it("before its heading, when it is nowhere behind it", () => {
    expect(text(find("Go on.", "size"))).toBe("Go on.");
  });

  it("in code, and as formulas", () => {
    expect(find("a = 1 b = f(a)")?.toString()).toBe("a = 1\n  b = f(a)");
    const formula = find("Thus $x^2$");
    expect(formula?.endContainer).toBe(document.getElementById("math"));
  });

  it("with other accents and in other scripts", () => {
    expect(find("Cafe & nai\u0308ve")).not.toBeNull();
    expect(find("日本語の文章です。")?.toString()).toBe("日本語の文章です。");
  });

  it("when the page says more, or less, in between", () => {
    const quoted =
      "npm run demo starts it. yarn demo starts it. Keep the summary of every section short, and put the answer first.";
    expect(find(quoted)?.toString()).toContain("Keep the summary of every section short, and put the");
  });

  it("and goes on to the end of its block, when it was cut", () => {
    expect(find("Cut where the author…")?.toString()).toMatch(/Go on\.$/);
    expect(find("Cut where the author")?.toString()).toMatch(/author$/);
  });
});

describe("nothing is found", () => {
  it("for what the page does not say", () => {
    expect(find("This is said nowhere on the page, in no words like these.")).toBeNull();
  });

  it("in a tab that is not on show", () => {
    expect(find("yarn demo starts it")).toBeNull();
  });

  it("for what has no letters", () => {
    expect(find("…")).toBeNull();
    expect(find("— !")).toBeNull();
  });
});

describe("words of an answer", () => {
  const findSaid = (words: string) => text(findWords(foldElement(article), words, null));

  it("are found where the page says just that", () => {
    expect(findSaid("Keep the **summary** of every section short,")).toBe("Keep the summary of every section short,");
  });

  it("are not found in part, nor when they are too few to be a quotation", () => {
    expect(findSaid("Keep the summary of every section long, and put the answer first.")).toBeUndefined();
    expect(findSaid("A chunk is a piece.")).toBeUndefined();
  });
});
