/** The plugin's options: what an author may write, the defaults, and what is said when it is wrong. */

import type { OptionValidationContext } from "@docusaurus/types";
import { Joi } from "@docusaurus/utils-validation";
import type { Page } from "./book";

/** Returns the number of the chapter a page belongs to, or null to keep the page out of every chapter. */
export type ChapterOption = (page: Page) => number | null;

/** What an author may write in `docusaurus.config`. */
export interface Options {
  /** Where the sidecar answers: a path on the book's own origin, or an absolute http(s) URL. Default `/assistant`. */
  assistantUrl?: string;
  /** What readers see on the launcher and at the head of the panel. Default `Ask this book`. */
  title?: string;
  /** The composer's placeholder. Default `Ask about this page…`. */
  placeholder?: string;
  /** Overrides the chapter number that the sidebar or the folders give a page. Runs in Node, never in the browser. */
  chapter?: ChapterOption;
  /** Docusaurus' own name for this instance; a site has one assistant, so it is always `default`. */
  id?: string;
}

/** Options after validation: everything but `chapter` has a value. */
export type PluginOptions = Required<Omit<Options, "chapter">> & Pick<Options, "chapter">;

const text = () => Joi.string().trim().min(1).max(200);

const schema = Joi.object<PluginOptions>({
  assistantUrl: Joi.string().custom(parseAssistantUrl).default("/assistant"),
  title: text().default("Ask this book"),
  placeholder: text().default("Ask about this page…"),
  chapter: Joi.function().maxArity(1),
  id: Joi.string().valid("default").default("default"),
});

const ALLOWED: Readonly<Record<keyof Options, string>> = {
  assistantUrl: 'a path such as "/assistant", or an absolute http(s) URL, without query or fragment',
  title: "a text of 1 to 200 characters",
  placeholder: "a text of 1 to 200 characters",
  chapter: "a function (page) => number | null",
  id: '"default", since a site has one assistant',
};

/** Return the options with defaults filled in. Throws an Error that names every wrong key or value and what is allowed. */
export function validateOptions({
  options,
}: OptionValidationContext<Options | undefined, PluginOptions>): PluginOptions {
  const { error, value } = schema.validate(options ?? {}, { abortEarly: false });
  if (error) {
    const complaints = error.details.map((detail) => `- ${complain(detail)}`);
    throw new Error(`docusaurus-plugin-booklight has wrong options:\n${complaints.join("\n")}`);
  }
  return value;
}

function parseAssistantUrl(value: string): string {
  const onOwnOrigin = /^\/(?!\/)[^?#\s\\]*$/.test(value);
  if (!onOwnOrigin && !isHttpUrl(value)) throw new Error("neither a path nor an http(s) URL");
  return value.replace(/\/+$/, "");
}

function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^?#\s\\]+$/i.test(value) && URL.canParse(value);
}

function complain({ type, path, context }: Joi.ValidationErrorItem): string {
  const key = path.join(".");
  if (type === "object.unknown") return `"${key}" is not an option; the options are ${Object.keys(ALLOWED).join(", ")}`;
  const allowed = ALLOWED[key as keyof Options];
  if (allowed === undefined) return `${show(context?.value)} was given instead of an object of options`;
  return `"${key}" is ${show(context?.value)}; it must be ${allowed}`;
}

function show(value: unknown): string {
  return typeof value === "function"
    ? "a function of more than one argument"
    : (JSON.stringify(value) ?? String(value));
}
