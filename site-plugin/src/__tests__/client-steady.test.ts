import { Lexer } from "marked";
import { describe, expect, it } from "vitest";
import { settle } from "../client/panel/markdown/steady";

const ANSWER = `Because **the boundary** matters more, and *size* hardly does.

Use \`booklight index\` or [the guide](/docs/start), see **both \`here\` and there**.

- one **bold**
- two

1. first
2. second

| Setting | Means |
| --- | --- |
| \`MODEL\` | which model |

\`\`\`ts
const a = 2 * 3;
\`\`\`

> A *quotation*, closed.

### The end

Costs 2 * 3 & more.
`;

/** All prefixes of the answer, as a stream would show them. */
const prefixes = Array.from({ length: ANSWER.length }, (_, end) => ANSWER.slice(0, end));

const blocks = (text: string) => new Lexer().lex(text).filter((token) => token.type !== "space");

describe("settle", () => {
  it("never shows markup that is still being written", () => {
    for (const prefix of prefixes) {
      const prose = settle(prefix).replace(/```[\s\S]*?(```|$)/g, "");
      const text = JSON.stringify(visibleText(prose));
      expect(text, prefix.slice(-40)).not.toMatch(/\*\*|`|\[|\]\(|\|/);
    }
  });

  it("never turns a block that was shown into one of another kind", () => {
    let shown: string[] = [];
    for (const prefix of prefixes) {
      const kinds = blocks(settle(prefix)).map((token) => token.type);
      const kept = Math.min(shown.length, kinds.length);
      expect(kinds.slice(0, kept), prefix.slice(-40)).toEqual(shown.slice(0, kept));
      shown = kinds;
    }
  });

  it("leaves finished paragraphs alone", () => {
    const finished = "A * b, `c` and **d**.\n\n";
    expect(settle(`${finished}More`)).toBe(`${finished}More`);
  });

  it("holds a table back until it is one", () => {
    expect(settle("Look:\n\n| a | b")).toBe("Look:\n\n");
    expect(settle("Look:\n\n| a |\n| - |\n| b")).toContain("| b");
  });

  it("shows code as it comes", () => {
    expect(settle("```ts\nconst a = 1;\nconst b")).toBe("```ts\nconst a = 1;\nconst b");
  });

  it("gives a multiplication sign back at the end of the line", () => {
    expect(settle("Costs 2 * 3")).toBe("Costs 2 * 3");
  });
});

describe("formulas in mid-stream", () => {
  it("appear when they are whole", () => {
    const formula = "So $x^2$, that is\n$$\na * b\n$$\nor \\(y\\).";
    for (let end = 0; end < formula.length; end += 1) {
      const shown = settle(formula.slice(0, end)).replace(/\$\$[^$]+\$\$|\$[^$]+\$|\\\(.*?\\\)/g, "");
      expect(shown).not.toMatch(/[$\\]/);
    }
    expect(settle("So $x^2$, that is")).toBe("So $x^2$, that is");
  });

  it("do not keep a price waiting", () => {
    expect(settle("It costs $5 and")).toBe("It costs $5 and");
  });
});

function visibleText(markdown: string): string {
  const walk = (tokens: readonly Token[]): string =>
    tokens.map((token) => (token.tokens ? walk(token.tokens) : childText(token))).join(" ");
  const childText = (token: Token): string => {
    if (token.items) return walk(token.items);
    if (token.rows && token.header) return walk([...token.header, ...token.rows.flat()]);
    return token.text ?? "";
  };
  return walk(new Lexer().lex(markdown) as readonly Token[]);
}

interface Token {
  tokens?: Token[];
  items?: Token[];
  header?: Token[];
  rows?: Token[][];
  text?: string;
}
