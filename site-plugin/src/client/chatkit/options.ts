/** The component's options, from the site's and from the page around it. */

import type { ClientOptions } from "../../contract";
import type { Messages } from "../messages";
import { type CurrentPage, starterQuestions } from "../panel/page";
import type { ComponentOptions, Theme } from "./component";
import { previewEntity } from "./sources";

/** The languages that the component has words in; it takes no others. */
const LANGUAGES = new Set(
  (
    "am ar bg bn bs ca cs da de el en es et fi fr gu hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mn mr ms my nb nl " +
    "pa pl pt ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi zh"
  ).split(" "),
);
/** Those of them that it tells apart by region or script, where that changes the words. */
const VARIANTS = new Map(
  ["es-419", "fr-CA", "pt-BR", "pt-PT", "zh-HK", "zh-Hant", "zh-TW"].map((tag) => [tag.toLowerCase(), tag]),
);
/** The notations of colour that the component reads. */
const COLOUR = /^(#|rgb|hsl)/i;

/** What the options depend on; `api`, `onClose` and `onEntity` stay as they are while the rest changes. */
export interface Surroundings {
  site: ClientOptions;
  messages: Messages;
  page: CurrentPage;
  language: string;
  theme: Theme;
  thread: string | null;
  api: ComponentOptions["api"];
  onClose: () => void;
  onEntity: ComponentOptions["entities"]["onClick"];
}

/** Return all options; the component merges none. */
export function componentOptions(around: Surroundings): ComponentOptions {
  const { site, messages, page, theme, thread, api, onClose, onEntity } = around;
  const locale = localeOf(around.language);
  const questions = starterQuestions(page, messages.starterPatterns);
  return {
    api,
    ...(locale && { locale }),
    theme,
    frameTitle: site.title,
    initialThread: thread,
    header: { title: { text: site.title }, rightAction: { icon: "close", onClick: onClose } },
    history: { enabled: true, showDelete: true, showRename: true },
    startScreen: {
      greeting: site.greeting ?? messages.greeting,
      prompts: questions.map((question) => ({ label: question, prompt: question, icon: "book-open" })),
    },
    composer: { placeholder: site.placeholder ?? messages.placeholder },
    threadItemActions: { feedback: true, retry: true },
    entities: { onClick: onEntity, onRequestPreview: previewEntity },
  };
}

/** Return the component's name for the language of `tag`, or null where it has no words in it. */
export function localeOf(tag: string): string | null {
  const language = tag.toLowerCase().split("-")[0] ?? "";
  return VARIANTS.get(tag.toLowerCase()) ?? (LANGUAGES.has(language) ? language : null);
}

/** Return the looks of the site, whose custom properties `styles` holds; a colour in another notation is left out. */
export function themeOf(styles: CSSStyleDeclaration, dark: boolean): Theme {
  const accent = read(styles, "--booklight-accent", "--ifm-color-primary");
  const background = read(styles, "--booklight-paper", "--ifm-background-surface-color");
  const foreground = read(styles, "--booklight-ink", "--ifm-font-color-base");
  const fontFamily = styles.getPropertyValue("--ifm-font-family-base").trim();
  return {
    colorScheme: dark ? "dark" : "light",
    color: {
      ...(COLOUR.test(accent) && { accent: { primary: accent, level: 2 as const } }),
      ...(COLOUR.test(background) && COLOUR.test(foreground) && { surface: { background, foreground } }),
    },
    ...(fontFamily && { typography: { fontFamily } }),
  };
}

function read(styles: CSSStyleDeclaration, own: string, sites: string): string {
  return (styles.getPropertyValue(own) || styles.getPropertyValue(sites)).trim();
}
