// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { type Passage, readPassage, selectedRange } from "../client/selection/passage";

const PAGE = `
  <nav id="nav">Navigation</nav>
  <article><div class="theme-doc-markdown markdown">
    <header><h1>Chunks</h1></header>
    <p id="lead">A chunk is  a piece.</p>
    <h2 id="where">Where to cut<a class="hash-link" href="#where">\u200b</a></h2>
    <p id="one">Cut where the <em>author</em> did.</p>
    <pre id="code">a = 1\n  b = 2</pre>
    <h3 id="size">How large</h3>
    <p id="two">Large enough.</p>
    <p id="math">Thus <span class="katex"><span class="katex-mathml">x<annotation>x^2</annotation></span><span class="katex-html" aria-hidden="true">x2</span></span>.</p>
    <p id="copy"><button>Copy</button>Copied.</p>
  </div></article>
  <footer id="foot">Footer</footer>
  <textarea id="field">typed</textarea>`;

const find = (id: string): Element => {
  const element = document.getElementById(id);
  if (!element) throw new Error(id);
  return element;
};

function select(from: string, to = from): Passage | null {
  const range = document.createRange();
  range.setStart(find(from), 0);
  range.setEnd(find(to), find(to).childNodes.length);
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  const selected = selectedRange(document);
  return selected && readPassage(selected, document);
}

beforeEach(() => {
  document.body.innerHTML = PAGE;
  document.getSelection()?.removeAllRanges();
});

describe("a passage", () => {
  it("is what a reader sees, under the heading it stands under", () => {
    expect(select("one")).toMatchObject({
      text: "Cut where the author did.",
      anchor: "where",
      heading: "Where to cut",
    });
  });

  it("stands under the title when it comes before the first heading", () => {
    expect(select("lead")).toMatchObject({ text: "A chunk is a piece.", anchor: "", heading: "Chunks" });
  });

  it("keeps the lines of code", () => {
    expect(select("code")?.text).toBe("a = 1\n  b = 2");
  });

  it("puts blocks on lines of their own", () => {
    expect(select("one", "two")?.text).toBe("Cut where the author did.\na = 1\n  b = 2\nHow large\nLarge enough.");
  });

  it("takes a formula as TeX, once, and no buttons", () => {
    expect(select("math")?.text).toBe("Thus $x^2$.");
    expect(select("copy")?.text).toBe("Copied.");
  });

  it("belongs to a heading that was selected itself", () => {
    expect(select("size")).toMatchObject({ text: "How large", anchor: "size" });
  });
});

describe("what is no passage", () => {
  it("is a selection outside the article", () => {
    expect(select("nav")).toBeNull();
    expect(select("foot")).toBeNull();
    expect(select("field")).toBeNull();
  });

  it("is a selection in the assistant, wherever its element stands", () => {
    const host = document.body.appendChild(document.createElement("booklight-assistant"));
    const shadow = host.attachShadow({ mode: "open" });
    shadow.innerHTML = "<p>An answer</p>";
    for (const selected of [host, shadow.firstElementChild ?? host]) {
      const range = document.createRange();
      range.selectNodeContents(selected);
      document.getSelection()?.removeAllRanges();
      document.getSelection()?.addRange(range);
      expect(selectedRange(document)).toBeNull();
    }
  });

  it("is a caret", () => {
    const range = document.createRange();
    range.setStart(find("one"), 0);
    range.collapse(true);
    document.getSelection()?.addRange(range);
    expect(selectedRange(document)).toBeNull();
  });
});

it("is clipped to the article when the selection reaches beyond it", () => {
  expect(select("nav", "lead")?.text).toBe("Chunks\nA chunk is a piece.");
  expect(select("two", "foot")?.text).toBe("Large enough.\nThus $x^2$.\nCopied.");
});
