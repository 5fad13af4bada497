/** The sentences of the panel, which are those of the site's language, and how what varies is put into them. */

import generated from "@generated/docusaurus-plugin-booklight/default/messages.json";
import type { Counted, PanelMessages, PluralForms } from "../../contract";
import { pageLanguage } from "../site/language";

/** Every sentence, in the language of the site. */
export const messages: PanelMessages = generated;

/** Return `sentence` with `values` in place of what stands in braces; of plural forms, the one for `values.count`. */
export function say(sentence: Counted, values: Readonly<Record<string, string | number>>): string {
  const text = typeof sentence === "string" ? sentence : formOf(sentence, Number(values.count));
  return text.replace(/\{(\w+)\}/g, (braces, name: string) => String(values[name] ?? braces));
}

function formOf(plural: PluralForms, count: number): string {
  return plural[new Intl.PluralRules(pageLanguage()).select(count)] ?? plural.other;
}
