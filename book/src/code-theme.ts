import type { PrismTheme } from "prism-react-renderer";

/** One theme for both colour modes: the colours are variables of custom.css, which follow the mode. */
export const codeTheme: PrismTheme = {
  plain: { color: "var(--code-ink)", backgroundColor: "var(--code-paper)" },
  styles: [
    { types: ["comment", "prolog", "cdata"], style: { color: "var(--code-quiet)", fontStyle: "italic" } },
    { types: ["punctuation", "operator"], style: { color: "var(--code-quiet)" } },
    { types: ["string", "attr-value", "char", "inserted"], style: { color: "var(--code-string)" } },
    { types: ["keyword", "boolean", "tag", "selector", "important"], style: { color: "var(--code-keyword)" } },
    { types: ["property", "attr-name", "key", "variable"], style: { color: "var(--code-name)" } },
    { types: ["function", "class-name", "builtin"], style: { color: "var(--code-name)" } },
    { types: ["number", "constant", "symbol"], style: { color: "var(--code-number)" } },
    { types: ["deleted"], style: { color: "var(--code-number)" } },
  ],
};
