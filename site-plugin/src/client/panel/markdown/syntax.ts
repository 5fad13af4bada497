/**
 * What answers hold beyond GitHub's Markdown: formulas, and bold print in scripts without spaces.
 *
 * Formulas stand as books and models write them: `$x$`, `$$x$$`, `\(x\)` and `\[x\]`.
 *
 * A dollar is a price more often than a formula: one that opens stands before what it opens, one that closes stands
 * behind it and before no digit, and an amount is never a formula.
 */

import type { MarkedOptions, TokenizerThis, Tokens } from "marked";

const BLOCK = /^ {0,3}(?:\$\$((?:[^$\\]|\\[\s\S]|\$(?!\$))+)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n+|$)/;
const INLINE =
  /^(?:\$\$((?:[^$\\\n]|\\.)+)\$\$|\$(?!\s)((?:[^$\\\n]|\\.)+?)(?<!\s)\$(?!\d)|\\\((.+?)\\\)|\\\[(.+?)\\\])/;
const STRONG = /^\*\*(?![\s*])((?:\\.|`[^`\n]*`|[^\\*`\n])+?)(?<!\s)\*\*(?!\*)/;
const PUNCTUATED = /^[\p{P}\p{S}]|[\p{P}\p{S}]$/u;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u;
const AMOUNT = /^\d[\d.,]*(?:\s|$)/;
const BLOCK_BEGINS = /\n {0,3}(?:\$\$|\\\[)/;
const INLINE_BEGINS = /\$|\\[([]/;

/** A formula in TeX; `display` where it stands on a line of its own. */
export interface FormulaToken extends Tokens.Generic {
  type: "formula";
  text: string;
  display: boolean;
}

/** What the lexer needs to know. */
export const SYNTAX: NonNullable<MarkedOptions["extensions"]> = {
  renderers: {},
  childTokens: {},
  block: [(source) => read(BLOCK.exec(source), true)],
  inline: [(source) => read(INLINE.exec(source), false), readStrong],
  startBlock: [(source) => beginning(BLOCK_BEGINS, source)],
  startInline: [(source) => beginning(INLINE_BEGINS, source)],
};

function read(match: RegExpExecArray | null, display: boolean): FormulaToken | undefined {
  const text = match?.slice(1).find((each) => each !== undefined);
  if (!match || text === undefined || text.trim() === "" || AMOUNT.test(text)) return undefined;
  return { type: "formula", raw: match[0], text: text.trim(), display };
}

/**
 * Bold print with punctuation at its edge, as in `**「重要」**です`. CommonMark takes such stars for text where a letter
 * stands right outside, which between words means a space is missing; these scripts have none.
 */
function readStrong(this: TokenizerThis, source: string): Tokens.Strong | undefined {
  const [raw, text] = STRONG.exec(source) ?? [];
  if (raw === undefined || text === undefined || !PUNCTUATED.test(text)) return undefined;
  if (!UNSPACED.test(source.slice(0, raw.length + 1))) return undefined;
  return { type: "strong", raw, text, tokens: this.lexer.inlineTokens(text) };
}

function beginning(pattern: RegExp, source: string): number | undefined {
  const place = source.search(pattern);
  return place < 0 ? undefined : place;
}
