/** How what varies is put into a sentence. */

import type { Counted, PluralForms } from "../../contract";
import { pageLanguage } from "../site/language";

/** Return `sentence` with `values` in place of what stands in braces; of plural forms, the one for `values.count`. */
export function say(sentence: Counted, values: Readonly<Record<string, string | number>>): string {
  const text = typeof sentence === "string" ? sentence : formOf(sentence, Number(values.count));
  return text.replace(/\{(\w+)\}/g, (braces, name: string) => String(values[name] ?? braces));
}

function formOf(plural: PluralForms, count: number): string {
  return plural[new Intl.PluralRules(pageLanguage()).select(count)] ?? plural.other;
}
