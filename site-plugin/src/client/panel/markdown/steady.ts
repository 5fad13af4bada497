/**
 * Markdown in mid-stream, settled: what can still turn into something else is held back or closed, so that an answer
 * grows without flicker. Pure; the finished text is always shown as it is.
 */

const FENCE = /^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(`{3,}|~{3,})/;
const BARE_MARKUP = /(?:^|\n)[ \t>]*(?:[-=*+#_~|`]+|\d{1,3}[.)]?)?[ \t]*$/;
const DELIMITER_ROW = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/m;
const UNFINISHED_LINK = /!?\[[^\]\n]*\]?$|!?\[[^\]\n]*\]\([^)\n]*$/;
const UNFINISHED_TAG_OR_ENTITY = /<[^>\n]{0,80}$|&[#\w]{0,12}$/;
const UNFINISHED_FORMULA = /\\$|\\[([].*$|\$\$.*$|\$(?![\s\d])[^\n]{0,160}$/s;
const FINISHED_SPAN = /`[^`]*`|\$\$[^$]+\$\$|\$(?!\s)[^$\n]+?(?<!\s)\$(?!\d)|\\\(.+?\\\)|\\\[[\s\S]+?\\\]/g;
const UNFINISHED_STARS = /[*_~]+$/;

/** Return the part of `text` that may be shown while more is coming. */
export function settle(text: string): string {
  if (insideFence(text)) return text.replace(/\n[ \t>]*[`~]{1,}[ \t]*$/, "");
  const start = text.lastIndexOf("\n\n") + 1;
  return text.slice(0, start) + settleBlock(text.slice(start));
}

function insideFence(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split("\n")) {
    const fence = FENCE.exec(line)?.[1];
    if (!fence) continue;
    if (open === null) open = fence;
    else if (fence.startsWith(open)) open = null;
  }
  return open !== null;
}

function settleBlock(block: string): string {
  const table = block.search(/^[ \t]*\|/m);
  if (table >= 0 && !DELIMITER_ROW.test(block.slice(table).replace(/[^\n]*$/, ""))) return block.slice(0, table);
  return closeSpans(block.replace(BARE_MARKUP, ""));
}

function closeSpans(block: string): string {
  const ticks = block.match(/`/g)?.length ?? 0;
  if (ticks % 2) return closeCode(block);
  const whole = cutFormula(block).replace(UNFINISHED_LINK, "").replace(UNFINISHED_TAG_OR_ENTITY, "");
  return closeStars(whole);
}

/** A formula appears when it is whole; a dollar before a digit is taken for a price. */
function cutFormula(block: string): string {
  const masked = block.replace(FINISHED_SPAN, (span) => "x".repeat(span.length));
  const place = masked.search(UNFINISHED_FORMULA);
  return place < 0 ? block : block.slice(0, place);
}

function closeCode(block: string): string {
  const tick = block.lastIndexOf("`");
  const code = block.slice(tick + 1);
  const before = block.slice(0, tick);
  return code.trim() === "" ? closeStars(before) : closeStars(`${before}\`${code.trimEnd()}\``);
}

function closeStars(block: string): string {
  const steady = isPaired(block) ? block : block.replace(UNFINISHED_STARS, "");
  const words = steady.replace(FINISHED_SPAN, "");
  const strong = (words.match(/\*\*/g)?.length ?? 0) % 2 === 1;
  const single = words.replace(/\*\*/g, "");
  const opened = single.match(/(?<![\w*])\*(?=[^\s*])/g)?.length ?? 0;
  const closed = single.match(/(?<=[^\s*])\*(?!\w)/g)?.length ?? 0;
  const close = (opened > closed ? "*" : "") + (strong ? "**" : "");
  return close ? steady.trimEnd() + close : steady;
}

/** Whether the stars at the end close something rather than begin to open it. */
function isPaired(block: string): boolean {
  const words = block.replace(FINISHED_SPAN, "");
  return /[^\s*]\*\*$/.test(words) && (words.match(/\*\*/g)?.length ?? 0) % 2 === 0;
}
