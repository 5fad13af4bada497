/** The looks of what stands in an answer: folded quotations, citations and their previews, code and its colours, formulas. */

/** For the shadow root, after the panel's own styles. */
export const ANSWER_STYLES = `
.answer .cite { margin-inline: 2px 1px; padding: 1px 5px; border-radius: 5px; position: relative; inset-block-start: -2px;
  font-size: .71875rem; font-weight: 600; line-height: 1; text-decoration: none; color: var(--accent-ink); background: var(--accent-wash); }
.cite::before { content: "\\2060"; }
.cite:hover { background: color-mix(in srgb, var(--accent) 24%, var(--paper)); }

.preview { position: fixed; z-index: 1; display: grid; gap: 2px; padding: 10px 12px; border: 1px solid var(--edge); border-radius: 10px;
  background: var(--paper); color: var(--ink); box-shadow: 0 6px 24px #0003; font-size: .8125rem; font-weight: 400; font-style: normal;
  line-height: 1.5; text-align: start; text-indent: 0; white-space: normal; animation: appear .12s ease-out; }
.preview .heading { font-weight: 600; }
.preview .place { color: var(--soft); font-size: .75rem; }
.preview .passage { margin-block-start: 4px; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }

@media screen { .log:not([data-copied]) .folded:not([data-open]) > .whole { display: none; } }
.answer .folded { position: relative; padding-inline-start: 26px; }
.answer .folded > * + * { margin: 0; }
.whole > * + * { margin-block-start: 12px; }
.line { display: flex; }
.line button { display: flex; min-inline-size: 0; padding: 0; border: 0; border-radius: 4px; background: none; text-align: start; user-select: none; -webkit-user-select: none; }
.line span { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.line svg { position: absolute; inset-block-start: 4px; inset-inline-start: 6px; inline-size: 16px; block-size: 16px; }
.line .cited { flex: none; }
.folded:not([data-open]) svg { rotate: -90deg; }
.folded:not([data-open]):dir(rtl) svg { rotate: 90deg; }
[data-open] > .line button { position: absolute; inset-block: 0; inset-inline-start: 0; inline-size: 26px; }
.line button:hover { color: var(--accent-ink); }
.line button::before { content: ""; position: absolute; inset: 0 auto; inset-inline-start: 0; inline-size: 26px; block-size: 24px; }

.code .code-head { padding-block: 2px 0; padding-inline: 12px 2px; }
.code-head .title { flex: 1; min-inline-size: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; color: var(--ink); }
.code-head .language { padding-inline-end: 6px; }
.code-head .language:first-child { flex: 1; }
.t-comment, .t-prolog, .t-cdata, .t-punctuation { color: var(--soft); }
.t-comment { font-style: italic; }
.t-keyword, .t-boolean, .t-tag, .t-selector, .t-important, .t-atrule { color: var(--accent-ink); }
.t-string, .t-triple-quoted-string, .t-template-string, .t-char, .t-attr-value, .t-inserted, .t-url { color: color-mix(in srgb, #a3541a 55%, var(--ink)); }
.t-function, .t-class-name, .t-builtin, .t-property, .t-attr-name, .t-key { color: color-mix(in srgb, #2563a8 55%, var(--ink)); }
.t-number, .t-constant, .t-symbol, .t-variable, .t-deleted { color: color-mix(in srgb, #7a4fbf 55%, var(--ink)); }

.formula { padding-block: 4px; text-align: center; }
math { font-size: 1.08em; }

a.words { color: inherit; text-decoration: none; border-radius: 4px; }
a.words:hover { text-decoration: underline; text-underline-offset: 2px; }
`;
