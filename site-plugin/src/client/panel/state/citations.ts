/**
 * Citations: from annotations on an answer to numbered marks in its text and a list of sources.
 *
 * Marks go into the Markdown before it is parsed, as `⟦x⟧` with one private-use character for the number. The brackets
 * are punctuation, so emphasis around a mark opens and closes as it would around the footnote it stands for.
 */

import type { AnswerPart } from "../api/protocol";

const NUMBERS = 0xe000;
const MOST = 0x18ff;
const MARK = /⟦([\uE000-\uF8FF])⟧/;
const FENCE_LINE = /^[ \t>]*(?:`{3,}|~{3,}).*$/gm;
const BLOCK_BEGINS = /\n{2,}|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])/;
const BLOCK_MARKER = /^[ \t]*(?:[-*+>#]+|\d+[.)])[ \t]/;
const FENCE_END = /^[ \t>]*(?:`{3,}|~{3,})[ \t]*$/;

/**
 * What one or more annotations of an answer point to; equal URLs are one source. `passages` are how it begins there, and
 * `said` what the answer says on its strength, block by block: often its own words, from further down.
 */
export interface Source {
  number: number;
  title: string;
  url: string;
  group: string | null;
  passages: readonly string[];
  said: readonly string[];
}

/** A number at a place in a text; `offset` is in UTF-16 units. */
export interface Mark {
  offset: number;
  number: number;
}

/** The sources of an answer, in the order in which its text first cites them, and the marks of each of its parts. */
export interface Citations {
  sources: readonly Source[];
  marks: readonly (readonly Mark[])[];
}

/** Collect the citations of an answer; annotations may come in any order. */
export function collectCitations(parts: readonly AnswerPart[]): Citations {
  const sources = new Map<string, Source>();
  const marks = parts.map((part) => {
    const places = [...part.annotations].filter(hasUrl).sort((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity));
    const offsets = utf16Offsets(
      part.text,
      places.map((place) => place.index ?? Infinity),
    );
    const numbered = places.map(({ index, source }, at) => ({
      offset: index === undefined ? -1 : (offsets[at] ?? -1),
      number: numberOf(sources, source, saidBefore(part.text, offsets, at)),
    }));
    return numbered.filter(isFirstOfItsKind).filter((mark) => mark.offset >= 0);
  });
  return { sources: Array.from(sources.values()), marks };
}

/** Return `text` with `marks` written into it, none of them where it would change what the Markdown means. */
export function placeMarks(text: string, marks: readonly Mark[]): string {
  let marked = text.replace(new RegExp(MARK, "g"), "");
  if (marked !== text) return marked;
  for (const mark of [...marks].reverse()) {
    if (mark.offset > text.length) continue;
    const { offset, before } = safePlace(text, mark.offset);
    const character = String.fromCharCode(NUMBERS + Math.min(mark.number, MOST));
    marked = `${marked.slice(0, offset)}${before}⟦${character}⟧${marked.slice(offset)}`;
  }
  return marked;
}

/** Split `text` at its marks: strings as they stand, marks as their numbers. */
export function splitMarks(text: string): (string | number)[] {
  return text
    .split(MARK)
    .map((piece, place) => (place % 2 ? piece.charCodeAt(0) - NUMBERS : piece))
    .filter((piece) => piece !== "");
}

/** Return `text` without its marks, as code and addresses need it. */
export function withoutMarks(text: string): string {
  return splitMarks(text)
    .filter((piece) => typeof piece === "string")
    .join("");
}

/** Return the numbers of the marks in `text`. */
export function marksIn(text: string): number[] {
  return splitMarks(text).filter((piece) => typeof piece === "number");
}

type UrlAnnotation = AnswerPart["annotations"][number] & { source: { url: string } };

function hasUrl(annotation: AnswerPart["annotations"][number]): annotation is UrlAnnotation {
  return annotation.source.type === "url" && typeof annotation.source.url === "string";
}

function numberOf(sources: Map<string, Source>, source: UrlAnnotation["source"], words: readonly string[]): number {
  const { url, title, group = null, description } = source;
  const { number = sources.size + 1, passages = [], said = [] } = sources.get(url) ?? {};
  const added = description && !passages.includes(description) ? [description] : [];
  sources.set(url, { number, title, url, group, passages: [...passages, ...added], said: [...said, ...words] });
  return number;
}

/** What stands between a mark and the one before it, as blocks without their markers. */
function saidBefore(text: string, offsets: readonly number[], at: number): string[] {
  const end = offsets[at] ?? 0;
  const start = Math.max(0, ...offsets.filter((offset) => offset < end));
  const blocks = text.slice(start, end).replace(FENCE_LINE, "").split(BLOCK_BEGINS);
  return blocks.map((block) => block.replace(BLOCK_MARKER, "").trim()).filter(Boolean);
}

function isFirstOfItsKind(mark: Mark, place: number, marks: readonly Mark[]): boolean {
  return marks.findIndex((each) => each.offset === mark.offset && each.number === mark.number) === place;
}

/** Turn ascending counts of code points into offsets, in one walk over `text`; counts past its end give its length. */
function utf16Offsets(text: string, counts: readonly number[]): number[] {
  let offset = 0;
  let passed = 0;
  return counts.map((count) => {
    while (passed < count && offset < text.length) {
      offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
      passed += 1;
    }
    return offset;
  });
}

/** Where a mark meant for `offset` can stand, and what has to stand before it. */
function safePlace(text: string, offset: number): { offset: number; before: string } {
  const end = text.slice(0, offset).trimEnd().length;
  const line = text.slice(text.lastIndexOf("\n", end - 1) + 1, end);
  if (FENCE_END.test(line)) return { offset: end, before: "\n\n" };
  const row = line.startsWith("|") && line.endsWith("|") && line.length > 1;
  return { offset: row ? end - 1 : end, before: "" };
}
