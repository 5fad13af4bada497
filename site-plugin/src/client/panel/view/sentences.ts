/** What a screen reader is told while an answer grows: whole sentences, never tokens. Pure. */

const SENTENCE_END = /[.!?…。！？](?=\s)|\n/g;
const MARKUP = /[*_`#>|]+|\[|\]\([^)]*\)/g;

/** Return the sentences that were completed in `text` after `from`, as plain words, and where they end. */
export function completedSentences(text: string, from: number): { said: string; upTo: number } {
  let upTo = from;
  for (const end of text.slice(from).matchAll(SENTENCE_END)) upTo = from + end.index + 1;
  return { said: plainWords(text.slice(from, upTo)), upTo };
}

/** Return Markdown as plain words. */
export function plainWords(markdown: string): string {
  return markdown.replace(MARKUP, " ").replace(/\s+/g, " ").trim();
}
