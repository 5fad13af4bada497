/** The author's own sentences: which there are, what may stand in them, and what is said when one is wrong. */

import { Joi } from "@docusaurus/utils-validation";
import type { Messages, PluralForms } from "./contract";
import { english } from "./messages/en";

/** The sentences that are options of their own. */
const OPTIONS = ["title", "placeholder", "greeting"] as const;

/** Any of the other sentences. */
export type Strings = Partial<Omit<Messages, (typeof OPTIONS)[number]>>;

const LONGEST = 1_000;
const MOST_PATTERNS = 3;
const PLURAL_FORMS: readonly Intl.LDMLPluralRule[] = ["zero", "one", "two", "few", "many"];
const BRACES = /\{(\w*)\}/g;

const sentences = Object.entries(english).filter(([name]) => !OPTIONS.some((option) => option === name));

/** What is to be validated as the option `strings`. */
export const stringsSchema = Joi.object<Strings>(
  Object.fromEntries(sentences.map(([name, sentence]) => [name, schemaOf(sentence)])),
);

/** Say what is wrong with the sentence called `name`, which was given as `shown`. */
export function complainOfString(name: string, shown: string): string {
  const sentence = sentences.find(([each]) => each === name)?.[1];
  if (sentence !== undefined) return `"strings.${name}" is ${shown}; it must be ${allowedFor(sentence)}`;
  if (OPTIONS.some((option) => option === name)) return `"strings.${name}" is the option "${name}", outside "strings"`;
  return `"strings.${name}" is not a string; the strings are ${sentences.map(([each]) => each).join(", ")}`;
}

type Sentence = Messages[keyof Messages];

function schemaOf(sentence: Sentence): Joi.Schema {
  const text = textWith(fillersOf(sentence));
  if (typeof sentence === "string") return text;
  if (!isPlural(sentence)) return Joi.array().items(text).min(1).max(MOST_PATTERNS);
  const forms = Object.fromEntries(PLURAL_FORMS.map((form) => [form, text]));
  return Joi.alternatives(text, Joi.object({ ...forms, other: text.required() }));
}

function textWith(fillers: readonly string[]): Joi.StringSchema {
  const check = (value: string) => {
    if (bracesIn(value).every((name) => fillers.includes(name))) return value;
    throw new Error("nothing is filled in there");
  };
  return Joi.string().trim().min(1).max(LONGEST).custom(check);
}

function allowedFor(sentence: Sentence): string {
  const fillers = fillersOf(sentence).map((name) => `{${name}}`);
  const text = `a text of 1 to ${LONGEST} characters ${fillers.length > 0 ? `with ${fillers.join(" and ")}` : "without braces"}`;
  if (typeof sentence === "string") return text;
  if (!isPlural(sentence)) return `a list of one to ${MOST_PATTERNS}, each ${text}`;
  return `${text}, or such texts by plural form: "other", and any of ${PLURAL_FORMS.join(", ")}`;
}

/** What is filled in, as in English. */
function fillersOf(sentence: Sentence): string[] {
  const texts = typeof sentence === "string" ? [sentence] : Object.values(sentence);
  return [...new Set(texts.flatMap(bracesIn))];
}

function bracesIn(text: string): string[] {
  return Array.from(text.matchAll(BRACES), ([, name = ""]) => name);
}

function isPlural(sentence: Sentence): sentence is PluralForms {
  return typeof sentence === "object" && "other" in sentence;
}
