/** Code as coloured pieces, by the Prism that the site itself uses: with the languages that the site has added. */

import { lazily } from "../context/lazy";

const LONGEST = 20_000;

/** What Prism makes of a text: pieces with a type, which may hold more pieces. */
export type PrismToken = string | { type: string; content: PrismToken | readonly PrismToken[] };

/** The part of Prism that is used. */
export interface Prism {
  languages: Record<string, unknown>;
  tokenize(text: string, grammar: unknown): readonly PrismToken[];
}

/** A run of code of one kind, such as `keyword`; empty for plain text. */
export interface Piece {
  kind: string;
  text: string;
}

/** The site's Prism; absent where the site has none. */
export const prism = lazily<Prism>(async () => (await import("@booklight/prism")).Prism ?? null);

/** Split `text` into pieces, in order; one plain piece where the language is not known. */
export function colourCode(text: string, language: string, site: Prism): Piece[] {
  const grammar = Object.hasOwn(site.languages, language) ? site.languages[language] : undefined;
  if (typeof grammar !== "object" || text.length > LONGEST) return [{ kind: "", text }];
  return flatten(site.tokenize(text, grammar), "");
}

function flatten(tokens: readonly PrismToken[], kind: string): Piece[] {
  return tokens.flatMap((token) => {
    if (typeof token === "string") return [{ kind, text: token }];
    const inner = Array.isArray(token.content) ? token.content : [token.content];
    return flatten(inner as readonly PrismToken[], token.type);
  });
}
