/** The component in its place: told of the page, the theme and the selection, and telling the site what was clicked. */

import type { ClientOptions } from "../../contract";
import type { Messages } from "../messages";
import { connectAssistant } from "../panel/chatkit";
import { indexPages, loadPages, type PageIndex, readPage } from "../panel/page";
import { composeQuestion } from "../panel/question";
import { openSession } from "../panel/session";
import type { Passage } from "../selection/passage";
import { loadValue, saveValue } from "../storage";
import { type ChatkitElement, type ComponentOptions, type Entity, loadComponent, showComponent } from "./component";
import { sidecarFetch } from "./fetch";
import { componentOptions, themeOf } from "./options";
import { followEntity, localizeSources } from "./sources";

const THREAD = "booklight:thread";

/** What surrounds the component. */
export interface Setting {
  host: HTMLElement;
  options: ClientOptions;
  /** Where the component is, and the key for it. */
  chatkit: NonNullable<ClientOptions["chatkit"]>;
  messages: Messages;
  onClose: () => void;
  onFollow: (href: string, passages: readonly string[]) => void;
}

/** What a reader brings along: a question from a link, or a passage. */
export interface Brought {
  question: string | null;
  passage: Passage | null;
}

/** The component, whether or not it has been loaded. */
export interface Embedded {
  /** Load the component into `place`; resolves when it can be used, and rejects where that fails. */
  load(place: HTMLElement): Promise<void>;
  /** Put what the reader brings along into the composer, and the focus; what comes too early waits. */
  present(brought: Brought): void;
  dispose(): void;
}

/** Return the component of one panel, not yet loaded. */
export function embedComponent(setting: Setting): Embedded {
  let element: ChatkitElement | null = null;
  let waiting: Brought | null = null;
  let passage: Passage | null = null;
  let end = () => {};
  const pages = loadPages().catch(() => indexPages({}));
  const forget = () => {
    saveThread(null);
    element?.setThreadId(null);
  };
  const api = sidecarApi(setting, pages, () => passage, forget);

  const deliver = () => {
    if (!element || !waiting) return;
    const { question, passage: quoted } = waiting;
    waiting = null;
    if (question || quoted)
      element.setComposerValue({ ...(question && { text: question }), ...(quoted && { reply: quoted.text }) });
    element.focusComposer();
  };
  return {
    async load(place) {
      const loaded = await loadComponent(setting.chatkit.script);
      end();
      end = keepInStep(loaded, setting, api, await pages);
      await showComponent(loaded, place);
      element = loaded;
      deliver();
    },
    present(brought) {
      passage = brought.passage ?? passage;
      waiting = brought;
      deliver();
    },
    dispose: () => end(),
  };
}

/** The sidecar as the component reaches it; what stands in the composer counts as `passage` while it is still that. */
function sidecarApi(
  { options, chatkit }: Setting,
  pages: Promise<PageIndex>,
  passage: () => Passage | null,
  onLost: () => void,
): ComponentOptions["api"] {
  const { assistantUrl } = options;
  const assistant = connectAssistant(assistantUrl);
  const session = openSession(assistantUrl, (input, init) => fetch(input, init));
  const send = sidecarFetch(session, {
    async describe(quoted) {
      const given = passage();
      const passages = given && given.text.trim() === quoted?.trim() ? [given] : [];
      return composeQuestion("", readPage(document, await pages), "full_book", passages).metadata;
    },
    rewrite: async (json) => localizeSources(json, await pages),
    onLost,
    onStop() {
      const id = thread();
      if (id !== null) assistant.stop(id).catch(() => undefined);
    },
  });
  return { url: new URL(`${assistantUrl}/chatkit`, location.href).href, domainKey: chatkit.domainKey, fetch: send };
}

/** Give `element` its options now, and anew where the page or the site's looks change; return what ends that. */
function keepInStep(
  element: ChatkitElement,
  { host, options, messages, onClose, onFollow }: Setting,
  api: ComponentOptions["api"],
  pages: PageIndex,
): () => void {
  let before = "";
  const onEntity = (entity: Entity) => {
    const target = followEntity(entity);
    if (target) onFollow(target.href, target.passages);
  };
  const update = () => {
    const { lang: language, dataset } = document.documentElement;
    const page = readPage(document, pages);
    const theme = themeOf(getComputedStyle(host), dataset.theme === "dark");
    const around = { site: options, messages, page, language, theme, thread: thread(), api, onClose, onEntity };
    const now = JSON.stringify({ page, language, theme });
    if (now !== before) element.setOptions(componentOptions(around));
    before = now;
  };
  const looks = new MutationObserver(update);
  update();
  looks.observe(document.documentElement, { attributeFilter: ["data-theme", "lang"] });
  host.addEventListener("booklight:route", update);
  element.addEventListener("chatkit.thread.change", (event) => {
    saveThread((event as CustomEvent<{ threadId: string | null }>).detail.threadId);
  });
  return () => {
    looks.disconnect();
    host.removeEventListener("booklight:route", update);
  };
}

/** The conversation of this tab. */
function thread(): string | null {
  return loadValue(() => sessionStorage, THREAD);
}

function saveThread(id: string | null): void {
  saveValue(() => sessionStorage, THREAD, id);
}
