/**
 * OpenAI's ChatKit component as its documentation describes it: what we set, what we ask of it, and how it is loaded.
 *
 * The script comes from a third party, so this module is reached only in a site whose author chose it, and only once a
 * reader has opened the panel there.
 */

const ELEMENT = "openai-chatkit";
/** How long, in milliseconds, the third party may take. */
const PATIENCE = 30_000;

/** The element; its methods may be called once it has told `chatkit.ready`. */
export interface ChatkitElement extends HTMLElement {
  /** Options replace those before as a whole. */
  setOptions(options: ComponentOptions): void;
  focusComposer(): Promise<void>;
  setComposerValue(value: { text?: string; reply?: string }): Promise<void>;
  setThreadId(threadId: string | null): Promise<void>;
}

/** Something that can be clicked and looked at, such as a source. */
export interface Entity {
  id: string;
  title: string;
  data?: Record<string, string>;
}

/** The options that we set, out of those the component has. */
export interface ComponentOptions {
  api: { url: string; domainKey: string; fetch: typeof fetch };
  locale?: string;
  theme: Theme;
  frameTitle: string;
  initialThread: string | null;
  header: { title: { text: string }; rightAction: { icon: "close"; onClick: () => void } };
  history: { enabled: true; showDelete: true; showRename: true };
  startScreen: { greeting: string; prompts: { label: string; prompt: string; icon: string }[] };
  composer: { placeholder: string };
  threadItemActions: { feedback: true; retry: true };
  entities: { onClick: (entity: Entity) => void; onRequestPreview: (entity: Entity) => Promise<Preview> };
}

/** The site's colours and letters. */
export interface Theme {
  colorScheme: "light" | "dark";
  color?: {
    accent?: { primary: string; level: 2 };
    surface?: { background: string; foreground: string };
  };
  typography?: { fontFamily: string };
}

/** What is shown of a source before one follows it. */
export interface Preview {
  preview: {
    type: "Basic";
    padding: number;
    gap: number;
    children: ({ type: "Title"; value: string; size: "sm" } | { type: "Text"; value: string; size: "sm" })[];
  } | null;
}

/** Load the component from `script` unless it is there, and return a new element. Rejects where that fails. */
export async function loadComponent(script: string): Promise<ChatkitElement> {
  if (!customElements.get(ELEMENT)) await define(script);
  return document.createElement(ELEMENT) as ChatkitElement;
}

/** Put `element` into `place`, and wait until it can be used. Rejects where it has not come to life in time. */
export async function showComponent(element: ChatkitElement, place: HTMLElement): Promise<void> {
  const ready = new Promise((resolve) => element.addEventListener("chatkit.ready", resolve, { once: true }));
  place.append(element);
  try {
    await inTime(ready);
  } catch (error) {
    element.remove();
    throw error;
  }
}

async function define(address: string): Promise<void> {
  const script = document.createElement("script");
  script.src = address;
  const failed = new Promise<never>((_, reject) => {
    script.onerror = () => reject(new Error(`${address} did not load`));
  });
  document.head.append(script);
  try {
    await inTime(Promise.race([customElements.whenDefined(ELEMENT), failed]));
  } catch (error) {
    script.remove();
    throw error;
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`nothing came of ${ELEMENT} in ${PATIENCE} ms`)), PATIENCE);
  });
  return Promise.race([work, late]);
}
