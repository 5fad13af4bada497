/** The sentences of the widget in the reader's language, each language in a file that only its readers load. */

import { ENGLISH, type Messages } from "./english";

const LOCALES: Record<string, () => Promise<{ default: Messages }>> = {
  ar: () => import("./ar"),
  de: () => import("./de"),
  es: () => import("./es"),
  fr: () => import("./fr"),
  zh: () => import("./zh"),
};

/** Load the messages for a language tag such as `document.documentElement.lang`; English where there is no other. */
export async function loadMessages(language: string): Promise<Messages> {
  const load = LOCALES[language.toLowerCase().split("-")[0] ?? ""];
  return load ? (await load()).default : ENGLISH;
}
