/** The plugin's options: what an author may write, the defaults, and what is said when it is wrong. */

import type { OptionValidationContext } from "@docusaurus/types";
import { Joi } from "@docusaurus/utils-validation";
import type { Page } from "./book";
import { complainOfString, type Strings, stringsSchema } from "./strings";

/** Returns the number of the chapter a page belongs to, or null to keep the page out of every chapter. */
export type ChapterOption = (page: Page) => number | null;

/** A picture of the assistant. */
export interface Avatar {
  /** A file of the site's static folder, such as `/img/owl.svg`, or an address on the site's own origin. */
  src: string;
  /** What the picture shows, for readers who cannot see it. Default empty: the name beside it says enough. */
  alt?: string;
}

/** What an author may write in `docusaurus.config`. */
export interface Options {
  /** Where the sidecar answers: a path on the book's own origin, or an absolute http(s) URL. Default `/assistant`. */
  assistantUrl?: string;
  /** What readers see on the launcher and at the head of the panel. Default `Ask this book`, in the site's language. */
  title?: string;
  /** The composer's placeholder. Default `Ask about this page…`, in the site's language. */
  placeholder?: string;
  /** What stands in the panel before the first question. Default a sentence in the site's language. */
  greeting?: string;
  /** Any other sentence of the assistant, by its name. Default the sentences in the site's language. */
  strings?: Strings;
  /** A small picture beside the name, and above the greeting. Default none. */
  avatar?: Avatar;
  /** A note that readers must agree to before their first question is sent. Default none. */
  consent?: string;
  /** The letter or digit that opens the panel together with Ctrl or ⌘; false for none. Default `i`. */
  shortcut?: string | false;
  /** Overrides the chapter number that the sidebar or the folders give a page. Runs in Node, never in the browser. */
  chapter?: ChapterOption;
  /**
   * Globs that keep pages out of the assistant, matched against a page's source, relative to the site, and against its
   * route below the base URL. Default none.
   */
  exclude?: readonly string[];
  /**
   * Whether the build gets an `llms.txt`, a list of the book's pages for readers' own assistants, and, when it is
   * indexed, the pages themselves as Markdown. Default true.
   */
  llmsTxt?: boolean;
  /** Whether pages have a button that copies them as Markdown. Default false. */
  copyPage?: boolean;
  /** Whether pages have a link to their Markdown. Default false. */
  openMarkdown?: boolean;
  /** Whether readers see a mark at the passages that they asked about before, or were led to. Default true. */
  askedBefore?: boolean;
  /** Docusaurus' own name for this instance; a site has one assistant, so it is always `default`. */
  id?: string;
}

/** Options after validation. What has no default here depends on the site's language, or is not wanted. */
export type PluginOptions = Omit<Options, "avatar"> &
  Required<
    Pick<
      Options,
      "assistantUrl" | "shortcut" | "exclude" | "llmsTxt" | "copyPage" | "openMarkdown" | "askedBefore" | "id"
    >
  > & {
    avatar?: Required<Avatar>;
  };

/** How many characters a greeting or a consent note may have. */
const MAX_NOTE = 1_000;

const text = (longest = 200) => Joi.string().trim().min(1).max(longest);

const avatar = Joi.object<Avatar>({
  src: Joi.string().custom(parseAddress).required(),
  alt: Joi.string().trim().allow("").max(200).default(""),
});

const schema = Joi.object<PluginOptions>({
  assistantUrl: Joi.string().custom(parseAssistantUrl).default("/assistant"),
  avatar,
  title: text(),
  placeholder: text(),
  greeting: text(MAX_NOTE),
  strings: stringsSchema,
  consent: text(MAX_NOTE),
  shortcut: Joi.alternatives(
    Joi.string()
      .pattern(/^[a-z0-9]$/)
      .required(),
    Joi.valid(false),
  ).default("i"),
  chapter: Joi.function().maxArity(1),
  exclude: Joi.array().items(text(MAX_NOTE)).default([]),
  llmsTxt: Joi.boolean().strict().default(true),
  copyPage: Joi.boolean().strict().default(false),
  openMarkdown: Joi.boolean().strict().default(false),
  askedBefore: Joi.boolean().strict().default(true),
  id: Joi.string().valid("default").default("default"),
});

const ADDRESS = "an absolute http(s) URL, without query or fragment";

const ALLOWED: Readonly<Record<string, string>> = {
  assistantUrl: `a path such as "/assistant", or ${ADDRESS}`,
  avatar: 'an object with "src" and "alt"',
  "avatar.src": `a path such as "/img/owl.svg", or ${ADDRESS}`,
  "avatar.alt": "a text of at most 200 characters",
  title: "a text of 1 to 200 characters",
  placeholder: "a text of 1 to 200 characters",
  greeting: `a text of 1 to ${MAX_NOTE} characters`,
  strings: 'an object of sentences by their names, such as { searching: "Leafing through the book" }',
  consent: `a text of 1 to ${MAX_NOTE} characters`,
  shortcut: 'one small letter or digit such as "i", or false',
  chapter: "a function (page) => number | null",
  exclude: 'a list of globs such as ["internal/**"]',
  llmsTxt: "true or false",
  copyPage: "true or false",
  openMarkdown: "true or false",
  askedBefore: "true or false",
  id: '"default", since a site has one assistant',
} satisfies Record<keyof Options, string> & Record<string, string>;

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
  return parseAddress(value).replace(/\/+$/, "");
}

function parseAddress(value: string): string {
  const onOwnOrigin = /^\/(?!\/)[^?#\s\\]*$/.test(value);
  if (!onOwnOrigin && !isHttpUrl(value)) throw new Error("neither a path nor an http(s) URL");
  return value;
}

function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^?#\s\\]+$/i.test(value) && URL.canParse(value);
}

function complain({ type, path, context }: Joi.ValidationErrorItem): string {
  if (path[0] === "strings" && path.length > 1) return complainOfString(String(path[1]), show(context?.value));
  const key = path.filter((step) => typeof step === "string").join(".");
  if (type === "object.unknown") return `"${key}" is not an option; the options are ${Object.keys(ALLOWED).join(", ")}`;
  const allowed = ALLOWED[key];
  if (allowed === undefined) return `${show(context?.value)} was given instead of an object of options`;
  return `"${key}" is ${show(context?.value)}; it must be ${allowed}`;
}

function show(value: unknown): string {
  return typeof value === "function"
    ? "a function of more than one argument"
    : (JSON.stringify(value) ?? String(value));
}
