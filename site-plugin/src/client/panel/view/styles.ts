/**
 * The panel's styles, and the few that the page needs to make room for it.
 *
 * They stand on Infima's custom properties, which reach into a shadow root and follow the site's colour mode; each has
 * a fallback for sites that lack it. Logical properties make the right-to-left case the same case.
 */

/**
 * For the document. Beside a docked panel the whole page is narrower; under one that lies over the page, only the text of
 * the docs makes way, and the site's own layout stays as it is.
 */
export const PAGE_STYLES = `
@media screen and (min-width: 768px) {
  html[data-booklight=docked] body, html[data-booklight=over] .main-wrapper:has(.theme-doc-markdown) { padding-inline-end: var(--booklight-width, 400px); }
  html[data-booklight] .theme-back-to-top-button { inset-inline-end: calc(var(--booklight-width, 400px) + 1.3rem); }
}
@media screen and (min-width: 997px) and (max-width: 1240px) {
  html[data-booklight] .theme-doc-sidebar-container { display: none; }
  html[data-booklight] .theme-doc-sidebar-container + main { max-width: 100%; }
}
@media screen and (min-width: 997px) and (max-width: 1580px) {
  html[data-booklight] .row > .col:has(> .theme-doc-toc-desktop),
  html[data-booklight] .row > .col:has(> .theme-doc-toc-desktop) + .col { display: none; }
  html[data-booklight] .row > .col:has(+ .col > .theme-doc-toc-desktop) { max-width: 100% !important; flex-basis: 100%; }
}
@media screen and (max-width: 767px) {
  html[data-booklight] body { overflow: hidden; }
}
`;

/** For the shadow root. */
export const PANEL_STYLES = `
:host {
  color-scheme: inherit;
  --ink: var(--booklight-ink, var(--ifm-font-color-base, #1c1e21));
  --soft: color-mix(in srgb, var(--ink) 68%, var(--paper));
  --paper: var(--booklight-paper, var(--ifm-background-surface-color, #fff));
  --wash: var(--ifm-color-emphasis-100, #f5f6f7);
  --line: var(--ifm-color-emphasis-200, #ebedf0);
  --edge: var(--ifm-color-emphasis-300, #dadde1);
  --control: color-mix(in srgb, var(--ink) 52%, var(--paper));
  --accent: var(--booklight-accent, var(--ifm-color-primary, #2e6f5e));
  --accent-ink: color-mix(in srgb, var(--accent) 82%, var(--ink));
  --accent-wash: color-mix(in srgb, var(--accent) 12%, var(--paper));
  --mono: var(--booklight-font-mono, var(--ifm-font-family-monospace, ui-monospace, monospace));
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }

.panel {
  position: fixed; z-index: var(--booklight-z-index, 350); inset-block: 0; inset-inline-end: 0; inline-size: min(var(--booklight-width, 400px), 100vw);
  display: flex; flex-direction: column; color: var(--ink); background: var(--paper);
  border-inline-start: 1px solid var(--line);
  font: 400 .9375rem/1.6 var(--booklight-font, var(--ifm-font-family-base, system-ui, sans-serif));
  -webkit-font-smoothing: antialiased; text-align: start; overflow-wrap: anywhere; animation: arrive .16s ease-out;
}
@keyframes arrive { from { opacity: 0; translate: 12px; } }
:host(:dir(rtl)) .panel { animation-name: arrive-rtl; }
@keyframes arrive-rtl { from { opacity: 0; translate: -12px; } }
button, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
h2, h3, h4, h5, p, ol, ul, blockquote, pre { margin: 0; padding: 0; }
.asked p, .asked blockquote, .answer p, .questions button, .threads .heading, .sources .heading, .sources .place, .chip .words,
.consent p, textarea { unicode-bidi: plaintext; }
pre, code { direction: ltr; unicode-bidi: isolate; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
svg { inline-size: 18px; block-size: 18px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round; }

header { display: flex; align-items: center; gap: 2px; padding-block: 12px 10px; padding-inline: 18px 10px; }
header h2 { flex: 1; font-size: .9375rem; font-weight: 600; letter-spacing: -.005em; }
.avatar { inline-size: 28px; block-size: 28px; flex: none; margin-inline-end: 8px; border-radius: 50%; object-fit: cover; }
.welcome .avatar { inline-size: 56px; block-size: 56px; margin: 0 0 -8px; }
.icon { inline-size: 32px; block-size: 32px; padding: 0; border: 0; border-radius: 8px; background: none; color: var(--soft);
  display: grid; place-items: center; }
.icon:hover { background: var(--wash); color: var(--ink); }
.icon[aria-pressed=true] { color: var(--accent-ink); }
.plain { align-self: start; justify-self: start; padding: 4px 12px; border: 1px solid var(--edge); border-radius: 8px; background: none; font-size: .875rem; }
.plain:hover { background: var(--wash); }

.log { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; position: relative; padding: 0 18px;
  scrollbar-width: thin; scrollbar-color: var(--edge) transparent; }
.log:focus-visible { outline-offset: -2px; }
.turn { padding-block: 8px 22px; }
.turn:last-child { min-block-size: 100%; }
.asked { margin: 6px 0 16px; padding-inline-start: 12px; border-inline-start: 2px solid var(--accent); }
.asked p { font-weight: 600; white-space: pre-wrap; }
.asked blockquote { margin-block-end: 4px; color: var(--soft); font-size: .84375rem; line-height: 1.5; white-space: pre-line;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.asked blockquote::before { content: open-quote; }
.asked blockquote::after { content: close-quote; }
.quiet { color: var(--soft); font-size: .875rem; }
.searching::after { content: "…"; }
.searching { animation: breathe 1.6s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: .55; } }

.answer > * + *, .answer blockquote > * + * { margin-block-start: 12px; }
.answer h3, .answer h4, .answer h5 { margin-block-start: 20px; font-size: 1rem; font-weight: 650; line-height: 1.4; }
.answer h4, .answer h5 { font-size: .9375rem; }
.answer > :first-child { margin-block-start: 0; }
.answer ul, .answer ol:not(.sources) { padding-inline-start: 22px; }
.answer li + li { margin-block-start: 4px; }
.answer li > * + * { margin-block-start: 6px; }
.answer li.task { list-style: none; margin-inline-start: -22px; }
.answer li::marker { color: var(--soft); }
.answer blockquote { padding-inline-start: 12px; border-inline-start: 2px solid var(--edge); color: var(--ink); }
.answer hr { border: 0; border-block-start: 1px solid var(--line); }
.answer a:not(.cite) { color: var(--accent-ink); text-decoration: underline; text-decoration-color: color-mix(in srgb, currentColor 40%, transparent);
  text-underline-offset: 2px; }
.answer a:not(.cite):hover { text-decoration-color: currentColor; }
.answer code { font: .84375em/1.5 var(--mono); background: var(--wash); padding: 1px 5px; border-radius: 5px; }

.code { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; background: var(--wash); }
.code-head { display: flex; align-items: center; justify-content: space-between; min-block-size: 30px; padding: 2px 2px 0 12px;
  font-size: .75rem; color: var(--soft); }
.code-head .icon { inline-size: 28px; block-size: 28px; }
.code-head svg { inline-size: 15px; block-size: 15px; }
.scroll { overflow-x: auto; scrollbar-width: thin; }
.code pre { padding: 4px 12px 11px; overflow-wrap: normal; tab-size: 2; }
.answer .code code { padding: 0; background: none; font: .8125rem/1.55 var(--mono); white-space: pre; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.5; overflow-wrap: normal; min-inline-size: 100%; }
th, td { padding-block: 6px; padding-inline: 0 14px; text-align: start; vertical-align: top; border-block-end: 1px solid var(--line); min-inline-size: 7em; }
table:has(th:nth-child(4)) { inline-size: max-content; max-inline-size: 44em; }
td code { white-space: nowrap; }
th { font-weight: 600; border-color: var(--edge); }
.right { text-align: end; } .center { text-align: center; }

.sources { list-style: none; margin-block-start: 18px; }
.sources li { border-block-start: 1px solid var(--line); }
.answer .sources li + li { margin: 0; }
.answer .sources a { display: grid; grid-template-columns: 26px 1fr; padding: 8px 0; color: inherit; text-decoration: none; }
.sources .number { font-size: .71875rem; font-weight: 600; color: var(--accent-ink); padding-block-start: 3px; }
.sources .heading { font-weight: 600; font-size: .875rem; }
.sources a:hover .heading { text-decoration: underline; text-underline-offset: 2px; }
.sources .place { grid-column: 2; color: var(--soft); font-size: .78125rem; line-height: 1.45; }
.tools { display: flex; align-items: center; gap: 2px; margin: 4px -8px 0; }
.answer .tools { margin-block-start: 6px; }
.tools .thanks { margin-inline-start: 6px; font-size: .78125rem; color: var(--soft); }
.turn > .quiet { margin-block-start: 10px; }
.failed { margin-block-start: 12px; padding: 12px 14px; border: 1px solid var(--edge); border-radius: 10px; display: grid; gap: 10px; font-size: .90625rem; }

.rating { display: contents; }
.reason { flex-basis: 100%; display: flex; gap: 8px; align-items: end; padding: 8px; font-size: .8125rem; }
.reason .plain { align-self: end; }
.reason label { flex: 1; display: grid; gap: 4px; }
.tools:has(.reason) { flex-wrap: wrap; }
input:not([type=checkbox]) { inline-size: 100%; min-inline-size: 0; padding: 6px 10px; border: 1px solid var(--control); border-radius: 8px; font: inherit;
  font-size: .875rem; color: inherit; background: var(--ifm-background-color, var(--paper)); }
input::placeholder { color: var(--soft); opacity: 1; }
input[type=checkbox] { accent-color: var(--accent); inline-size: 15px; block-size: 15px; margin: 0; flex: none; }

.history { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; padding: 2px 18px 18px; scrollbar-width: thin;
  display: flex; flex-direction: column; gap: 10px; }
.history h3, .questions h3 { font-size: .78125rem; font-weight: 600; color: var(--soft); }
.history .only { display: flex; align-items: center; gap: 8px; font-size: .8125rem; color: var(--soft); }
.threads { list-style: none; }
.threads li { display: flex; align-items: center; min-block-size: 56px; border-block-end: 1px solid var(--line); }
.threads .open { flex: 1; min-inline-size: 0; padding: 8px 0; border: 0; background: none; text-align: start; }
.threads .heading { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-weight: 600; font-size: .875rem;
  line-height: 1.45; }
.threads .open:hover .heading { text-decoration: underline; text-underline-offset: 2px; }
.threads [aria-current] .heading { color: var(--accent-ink); }
.threads .place { color: var(--soft); font-size: .78125rem; line-height: 1.45; }
.threads form, .threads fieldset { flex: 1; min-inline-size: 0; display: flex; align-items: center; gap: 6px; padding: 8px 0; margin: 0; border: 0; }
.threads legend { float: inline-start; flex: 1; padding: 0; font-size: .875rem; }
.threads .plain { flex: none; align-self: center; }

.consent { margin: 4px 14px 6px; padding: 14px; border: 1px solid var(--accent); border-radius: 14px; display: grid; gap: 10px; font-size: .875rem;
  max-block-size: 60%; overflow-y: auto; }
.consent h3 { font-size: .875rem; font-weight: 600; }
.consent .asked { margin: 0; }
.consent p { white-space: pre-line; }
.choices { display: flex; gap: 8px; flex-wrap: wrap; }
.main { background: var(--accent-ink); border-color: var(--accent-ink); color: var(--paper); }
.main:hover { background: var(--ink); }

.welcome { display: flex; flex-direction: column; justify-content: end; gap: 22px; min-block-size: 100%; padding-block: 8px 16px; }
.welcome > p { color: var(--soft); max-inline-size: 34ch; }
.questions { display: flex; flex-direction: column; gap: 6px; }
.turn .questions { margin-block-start: 16px; }
.questions h3 { margin-block-end: 2px; }
.questions button { text-align: start; font-size: .875rem; line-height: 1.45; background: none; border: 1px solid var(--edge); border-radius: 10px; padding: 8px 12px; }
.questions button:hover { background: var(--wash); border-color: var(--soft); }

.composer { margin: 4px 14px 6px; padding: 10px 10px 8px 14px; border: 1px solid var(--edge); border-radius: 14px;
  background: var(--ifm-background-color, var(--paper)); }
.composer:focus-within { border-color: var(--accent); box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 18%, transparent); }
.chips { display: flex; flex-wrap: wrap; gap: 4px; margin-block-end: 6px; }
.chip { display: inline-flex; align-items: center; gap: 6px; max-inline-size: 100%; min-block-size: 24px; padding: 2px 9px; border-radius: 7px;
  font-size: .78125rem; line-height: 1.5; background: var(--wash); color: var(--soft); }
.chip .words { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; max-inline-size: 250px; }
.chip svg { inline-size: 13px; block-size: 13px; }
.chip.page { padding-inline: 0; background: none; }
.chip.selection { padding-inline-end: 3px; background: var(--accent-wash); color: var(--ink); }
.chip button { inline-size: 20px; block-size: 20px; padding: 0; border: 0; border-radius: 5px; background: none; display: grid; place-items: center; }
.chip button:hover { background: var(--line); }
textarea { display: block; inline-size: 100%; max-block-size: 9.6em; padding: 0; border: 0; outline: 0 !important; resize: none; background: none;
  line-height: 1.6; scrollbar-width: thin; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.row { display: flex; align-items: center; gap: 8px; margin-block-start: 4px; }
.scope { flex: 1; min-inline-size: 0; display: flex; align-items: center; gap: 2px; font-size: .78125rem; color: var(--soft); }
.scope select { appearance: none; min-inline-size: 0; max-inline-size: 100%; field-sizing: content; padding: 4px 0; border: 0; border-radius: 5px; background: none; text-overflow: ellipsis; cursor: pointer; }
.scope select:hover { color: var(--ink); }
.scope option { color: var(--ink); background: var(--paper); }
.scope svg { inline-size: 13px; block-size: 13px; pointer-events: none; }
.send { inline-size: 32px; block-size: 32px; flex: none; padding: 0; border: 0; border-radius: 10px; background: var(--accent); color: var(--paper);
  display: grid; place-items: center; }
.send svg { stroke-width: 2; }
.send[aria-disabled=true] { background: var(--line); color: var(--soft); cursor: default; }
.foot code, .failed code { font: .92em/1.5 var(--mono); background: var(--wash); padding: 1px 2px; border-radius: 4px; }
.foot { padding: 0 18px 12px; font-size: .71875rem; line-height: 1.5; text-align: center; color: var(--soft); }

.strip { display: none; }
@media (max-width: 767px) {
  .panel { inset-block: auto 0; inset-inline: 0; inline-size: 100%; block-size: calc(100dvh - min(84px, 12dvh)); border: 0; border-radius: 16px 16px 0 0;
    box-shadow: 0 -8px 40px #0004; animation-name: rise; }
  .strip { display: block; position: fixed; z-index: calc(var(--booklight-z-index, 350) - 1); inset: 0; background: #0004; animation: appear .16s ease-out; }
  .icon { inline-size: 40px; block-size: 40px; }
  .send { inline-size: 38px; block-size: 38px; }
  .foot { padding-block-end: max(12px, env(safe-area-inset-bottom)); }
}
/* Under a finger: phones zoom in on fields with smaller letters. */
@media (pointer: coarse), (max-width: 767px) { textarea, select, input:not([type=checkbox]) { font-size: max(16px, 1rem); } }
@keyframes appear { from { opacity: 0; } }
@keyframes rise { from { transform: translateY(24px); opacity: 0; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .send, .main { border: 1px solid ButtonText; } }
@media print { .panel { display: none; } }
`;
