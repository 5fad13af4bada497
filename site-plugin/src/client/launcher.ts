/**
 * The part of Booklight that every page carries: one button beside the site's own tree. Everything else, the panel and
 * what follows a reader's selection, is loaded when it is first needed, and no request is made before that.
 */

import globalData from "@generated/globalData";
import type { ClientOptions } from "../contract";
import type { PanelHandle, PanelSubject } from "./panel/mount";
import { isPressed } from "./site/keys";

const HOST = "booklight-assistant";
const STYLES = `
:host{all:initial}
.launcher{position:fixed;z-index:150;bottom:20px;inset-inline-end:20px;display:flex;align-items:center;gap:8px;
padding:10px 16px;border:0;border-radius:12px;cursor:pointer;font:600 .875rem/1.4 var(--ifm-font-family-base,system-ui);
color:var(--ifm-color-content-inverse,#fff);background:var(--ifm-font-color-base,#1c1e21);box-shadow:0 4px 16px #0003}
.launcher:focus-visible{outline:2px solid var(--ifm-color-primary,#2e6f5e);outline-offset:2px}
.launcher[aria-busy]{opacity:.7}:host([data-open]) .launcher{display:none}
.launcher::before{content:"";width:14px;height:10px;border:2px solid;border-radius:4px 4px 4px 0}
@media(max-width:600px){.launcher{padding:15px 13px;border-radius:50%}.launcher span{display:none}}
.failed{bottom:80px;border-radius:12px}@media print{:host{display:none}}`;
/** The theme puts its own button where the launcher is. */
const PAGE_STYLES = ".theme-back-to-top-button{bottom:76px!important}";

const { default: options } = globalData["docusaurus-plugin-booklight"] as { default: ClientOptions };
let host: HTMLElement | undefined;

/** Called by Docusaurus after each navigation; the open panel follows the reader to the new page. */
export function onRouteDidUpdate(): void {
  host?.dispatchEvent(new Event("booklight:route"));
}

if (typeof document !== "undefined") mount(options);

function mount(given: ClientOptions): void {
  document.querySelector(HOST)?.remove();
  const element = document.createElement(HOST);
  const root = element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [styleSheet(STYLES)];
  const pageSheet = styleSheet(PAGE_STYLES);
  document.adoptedStyleSheets.push(pageSheet);
  const button = launcherButton(given.title);
  root.append(button);
  document.body.append(element);
  host = element;

  const open = opener(element, button, given);
  button.onpointerdown = (event) => event.preventDefault();
  button.onclick = () => open();
  const watch = () => {
    if (getSelection()?.isCollapsed !== false) return;
    document.removeEventListener("selectionchange", watch);
    import("./selection/bubble").then((bubble) => bubble.attach(element, open, isPressed));
  };
  document.addEventListener("selectionchange", watch);
  const shortcut = (event: KeyboardEvent) => {
    if (!isShortcut(event, given.shortcut)) return;
    event.preventDefault();
    open();
  };
  document.addEventListener("keydown", shortcut);
  const showOnPage = () => {
    try {
      const wanted = given.page || given.asked in localStorage;
      if (wanted) import("./page/attach").then((page) => page.attach(element, given, open));
    } catch {
      // Storage is switched off.
    }
  };
  element.addEventListener("booklight:asked", showOnPage);
  element.addEventListener("booklight:route", () => {
    if (/[?&]ask=/.test(location.search)) open();
    showOnPage();
  });
  // Named in full, so that a build can tell that it is never there.
  if (import.meta.webpackHot) {
    if (import.meta.webpackHot.data?.open) open();
    import.meta.webpackHot.dispose((data) => {
      data.open = element.hasAttribute("data-open");
      document.removeEventListener("selectionchange", watch);
      document.removeEventListener("keydown", shortcut);
      element.dispatchEvent(new Event("booklight:dispose"));
      element.remove();
      pageSheet.replaceSync("");
    });
  }
}

/** Whether the reader pressed `key` with Ctrl or ⌘, and is not typing. */
function isShortcut(event: KeyboardEvent, key: string | false): boolean {
  const held = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  return held && isPressed(event, key);
}

/**
 * Return the function that loads the panel, once, and opens it. A failed load is told beside the button, and tried
 * again at the next use.
 */
function opener(
  element: HTMLElement,
  button: HTMLElement,
  given: ClientOptions,
): (subject?: PanelSubject) => Promise<void> {
  let panel: Promise<PanelHandle> | undefined;
  const note = document.createElement("div");
  note.className = "launcher failed";
  note.role = "alert";
  return async (subject) => {
    button.ariaBusy = "true";
    note.remove();
    try {
      panel ??= import("./panel/mount").then((mount) => mount.mountPanel(element, button, given));
      (await panel).open(subject);
    } catch (error) {
      panel = undefined;
      if (!note.textContent) console.error("Booklight: the panel did not load", error);
      note.textContent = given.failed;
      button.before(note);
    } finally {
      button.ariaBusy = null;
    }
  };
}

function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

function launcherButton(title: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.className = "launcher";
  button.part = "launcher";
  button.ariaLabel = title;
  const label = document.createElement("span");
  label.textContent = title;
  button.append(label);
  return button;
}
