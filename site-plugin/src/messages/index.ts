/** The sentences of the assistant by language. A site's build holds those of its locale and no others. */

import type { Messages } from "../contract";
import { arabic } from "./ar";
import { german } from "./de";
import { english } from "./en";
import { spanish } from "./es";
import { french } from "./fr";
import { hindi } from "./hi";
import { italian } from "./it";
import { japanese } from "./ja";
import { korean } from "./ko";
import { dutch } from "./nl";
import { polish } from "./pl";
import { portuguese } from "./pt";
import { russian } from "./ru";
import { turkish } from "./tr";
import { ukrainian } from "./uk";
import { chinese } from "./zh";

/** Every language there is, by its tag without a region. */
export const LANGUAGES: Readonly<Record<string, Messages>> = {
  ar: arabic,
  de: german,
  en: english,
  es: spanish,
  fr: french,
  hi: hindi,
  it: italian,
  ja: japanese,
  ko: korean,
  nl: dutch,
  pl: polish,
  pt: portuguese,
  ru: russian,
  tr: turkish,
  uk: ukrainian,
  zh: chinese,
};

/** Return the sentences for a language tag such as `pt-BR`; the English ones where there are no others. */
export function messagesOf(language: string): Messages {
  const [tag = ""] = language.toLowerCase().split(/[-_]/);
  return LANGUAGES[tag] ?? english;
}
