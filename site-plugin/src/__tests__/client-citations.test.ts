import { afterEach, describe, expect, it, vi } from "vitest";
import type { Annotation, AnswerPart } from "../client/panel/api/protocol";
import { collectCitations, marksIn, placeMarks, splitMarks, withoutMarks } from "../client/panel/state/citations";
import { withTextFragment } from "../client/site/links";
import places from "./fixtures/citation-places.json";

const annotation = (index: number | undefined, url: string, title = url): Annotation => ({
  type: "annotation",
  source: { type: "url", title, url },
  ...(index === undefined ? {} : { index }),
});
const part = (text: string, ...annotations: Annotation[]): AnswerPart => ({ type: "output_text", text, annotations });

describe("collectCitations", () => {
  it("numbers sources in the order in which the text cites them, whatever order annotations come in", () => {
    const { sources, marks } = collectCitations([part("one two", annotation(7, "/b"), annotation(3, "/a"))]);
    expect(sources.map(({ number, url }) => [number, url])).toEqual([
      [1, "/a"],
      [2, "/b"],
    ]);
    expect(marks).toEqual([
      [
        { offset: 3, number: 1 },
        { offset: 7, number: 2 },
      ],
    ]);
  });

  it("counts code points, so that emoji do not shift marks", () => {
    const { marks } = collectCitations([part("🙂🙂 yes", annotation(6, "/a"))]);
    expect(marks[0]).toEqual([{ offset: 8, number: 1 }]);
  });

  it("gives one number to one address and one mark to one place", () => {
    const cited = [annotation(2, "/a"), annotation(2, "/a"), annotation(5, "/a")];
    const { sources, marks } = collectCitations([part("ab cd", ...cited)]);
    expect(sources).toHaveLength(1);
    expect(marks[0]?.map(({ offset }) => offset)).toEqual([2, 5]);
  });

  it("keeps all that is quoted of one address, once", () => {
    const quoting = (index: number, description: string): Annotation => {
      const { source } = annotation(index, "/a");
      return { type: "annotation", index, source: { ...source, description } };
    };
    const { sources } = collectCitations([part("ab cd", quoting(2, "x"), quoting(4, "y"), quoting(5, "x"))]);
    expect(sources.map(({ passages }) => passages)).toEqual([["x", "y"]]);
  });

  it("goes on counting over the parts of an answer", () => {
    const { sources, marks } = collectCitations([part("a", annotation(1, "/a")), part("b", annotation(1, "/b"))]);
    expect(sources).toHaveLength(2);
    expect(marks[1]).toEqual([{ offset: 1, number: 2 }]);
  });

  it("lists a source without a place and marks nothing for it", () => {
    const { sources, marks } = collectCitations([part("a", annotation(undefined, "/a"))]);
    expect(sources).toHaveLength(1);
    expect(marks[0]).toEqual([]);
  });

  it("knows what is said before each mark of a source, block by block", () => {
    const text = "Lead:\n\n1. One thing\n2. Another\n\n```js\ncode\n```\n\nNext.";
    const cited = [annotation(text.indexOf("\n\nNext"), "/a"), annotation(text.length, "/b")];
    const { sources } = collectCitations([part(text, ...cited)]);
    expect(sources.map((source) => source.said)).toEqual([["Lead:", "One thing", "Another", "code"], ["Next."]]);
  });

  it("passes over references that cannot be followed", () => {
    const file: Annotation = { type: "annotation", index: 1, source: { type: "file", title: "a.pdf" } };
    expect(collectCitations([part("a", file)]).sources).toEqual([]);
  });

  it("puts marks past the end at the end", () => {
    expect(collectCitations([part("ab", annotation(99, "/a"))]).marks[0]).toEqual([{ offset: 2, number: 1 }]);
  });
});

describe("placeMarks", () => {
  const place = (text: string, offset: number) => splitMarks(placeMarks(text, [{ offset, number: 1 }]));

  it("puts a mark at its place", () => {
    expect(place("one two", 3)).toEqual(["one", 1, " two"]);
  });

  it("keeps a mark with the words before it, not at the head of the next line", () => {
    expect(place("one\n\n- two", 5)).toEqual(["one", 1, "\n\n- two"]);
  });

  it("stays inside the last cell of a table row", () => {
    const table = "| a |\n| - |\n| b |";
    expect(place(table, table.length)).toEqual(["| a |\n| - |\n| b ", 1, "|"]);
  });

  it("does not break the end of a fence", () => {
    const fence = "```\ncode\n```";
    expect(place(fence, fence.length)).toEqual([`${fence}\n\n`, 1]);
  });

  it("keeps the order of marks at one place", () => {
    const marks = [
      { offset: 1, number: 1 },
      { offset: 1, number: 2 },
    ];
    expect(splitMarks(placeMarks("a", marks))).toEqual(["a", 1, 2]);
  });

  it("leaves out marks behind what is shown so far", () => {
    expect(place("one", 9)).toEqual(["one"]);
  });

  it("never takes the text's own characters for a mark", () => {
    expect(place("a⟦\ue001⟧b", 1)).toEqual(["ab"]);
  });
});

describe("what a page without this code does alike", () => {
  it.each(places.marks)("places marks: $marked", ({ text, places: given, marked }) => {
    const marks = given.map(([offset = 0, number = 0]) => ({ offset, number }));
    const expected = marked.replace(/⟦(\d)⟧/g, (_, digit) => `⟦${String.fromCharCode(0xe000 + Number(digit))}⟧`);
    expect(placeMarks(text, marks)).toBe(expected);
  });

  it.each(places.fragments)("names a passage: $opened", ({ href, passage, opened }) => {
    vi.stubGlobal("document", { fragmentDirective: {} });
    expect(withTextFragment(href, passage)).toBe(opened);
    vi.unstubAllGlobals();
  });
});

describe("marks in code", () => {
  it("can be taken out of it and shown behind it", () => {
    const marked = placeMarks("code", [{ offset: 2, number: 3 }]);
    expect(withoutMarks(marked)).toBe("code");
    expect(marksIn(marked)).toEqual([3]);
  });
});

describe("withTextFragment", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("names the first words of the passage, and nothing of the ellipsis", () => {
    vi.stubGlobal("document", { fragmentDirective: {} });
    expect(withTextFragment("/a#b", "One, two-three & four five six seven…")).toBe(
      "/a#b:~:text=One%2C%20two%2Dthree%20%26%20four%20five%20six",
    );
    expect(withTextFragment("/a", "One…")).toBe("/a#:~:text=One");
  });

  it("changes nothing without a passage, or for a browser that does not know it", () => {
    vi.stubGlobal("document", { fragmentDirective: {} });
    expect(withTextFragment("/a#b", undefined)).toBe("/a#b");
    vi.stubGlobal("document", {});
    expect(withTextFragment("/a#b", "One")).toBe("/a#b");
  });
});
