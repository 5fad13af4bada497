import { expect, test } from "vitest";
import { clientOptions, panelMessages } from "../browser";
import { type Options, validateOptions } from "../options";

const SITE = { url: "https://book.example", baseUrl: "/book/", language: "en" };
const validate = (options: unknown) =>
  validateOptions({ options: options as Options, validate: (_, value) => value as never });

test("no option is needed", () => {
  const switches = { llmsTxt: true, copyPage: false, openMarkdown: false, askedBefore: true };
  const defaults = { assistantUrl: "/assistant", shortcut: "i", exclude: [], ...switches, id: "default" };
  expect(validate(undefined)).toEqual(defaults);
  expect(validate({ id: "default" })).toEqual(defaults);
});

test.each([
  ["/api/assistant/", "/api/assistant"],
  ["/", ""],
  ["https://books.example.com/assistant/", "https://books.example.com/assistant"],
  ["http://localhost:8000", "http://localhost:8000"],
])("assistantUrl %s is kept as %s", (given, kept) => {
  expect(validate({ assistantUrl: given }).assistantUrl).toBe(kept);
});

test.each(["assistant", "//elsewhere.example.com", "ftp://x", "javascript:alert(1)", "/a?b", "https://", "", 7, null])(
  "assistantUrl %j is refused, and it is said what is allowed",
  (assistantUrl) => {
    const expected = `"assistantUrl" is ${JSON.stringify(assistantUrl)}; it must be a path such as "/assistant"`;
    expect(() => validate({ assistantUrl })).toThrow(expected);
  },
);

test("every complaint is made at once", () => {
  const wrong = () => validate({ titel: "x", title: "", placeholder: 3, chapter: 4, id: "second" });
  expect(wrong).toThrow(/"titel" is not an option; the options are assistantUrl, avatar, avatar.src,/);
  expect(wrong).toThrow(/"title" is ""; it must be a text of 1 to 200 characters/);
  expect(wrong).toThrow(/"placeholder" is 3/);
  expect(wrong).toThrow(/"chapter" is 4; it must be a function \(page\) => number \| null/);
  expect(wrong).toThrow(/"id" is "second"; it must be "default"/);
});

test("options that are no object are refused", () => {
  expect(() => validate("on")).toThrow('"on" was given instead of an object of options');
});

test("pages are excluded by globs", () => {
  expect(validate({ exclude: ["internal/**"] }).exclude).toEqual(["internal/**"]);
  expect(() => validate({ exclude: "internal/**" })).toThrow('it must be a list of globs such as ["internal/**"]');
  expect(() => validate({ exclude: ["a", ""] })).toThrow('"exclude" is ""; it must be a list of globs');
});

test.each(["i", "7", false])("shortcut %j is taken", (shortcut) => {
  expect(validate({ shortcut }).shortcut).toBe(shortcut);
});

test.each(["I", "Ctrl+I", "", true, 3])("shortcut %j is refused, and it is said what is allowed", (shortcut) => {
  const allowed = 'it must be one small letter or digit such as "i", or false';
  expect(() => validate({ shortcut })).toThrow(`"shortcut" is ${JSON.stringify(shortcut)}; ${allowed}`);
});

test("a note may be longer than a title, but not endless", () => {
  expect(validate({ consent: "x".repeat(1_000) }).consent).toHaveLength(1_000);
  expect(() => validate({ consent: "x".repeat(1_001) })).toThrow("a text of 1 to 1000 characters");
});

test("the browser gets no function, and nothing that was not set", () => {
  const options = validate({ title: " Ask ", chapter: () => null });
  expect(clientOptions(options, SITE)).toEqual({
    assistantUrl: "/assistant",
    title: "Ask",
    failed: "The assistant did not load. Try again, or reload the page.",
    shortcut: "i",
    asked: "booklight:asked:/assistant",
  });
});

test("where passages asked about before are not marked, the browser is given nothing to remember that by", () => {
  expect(clientOptions(validate({ askedBefore: false }), SITE).asked).toBe("");
  expect(() => validate({ askedBefore: "no" })).toThrow('"askedBefore" is "no"; it must be true or false');
});

test.each([
  ["de", "Frag dieses Buch"],
  ["pt-BR", "Pergunte a este livro"],
  ["eo", "Ask this book"],
  ["zh-Hans", "向本书提问"],
])("without a title, the launcher in %s is named %s", (language, title) => {
  const options = clientOptions(validate({}), { ...SITE, language });
  expect(options.title).toBe(title);
  expect(options.failed === clientOptions(validate({}), SITE).failed).toBe(title === "Ask this book");
});

test("the author's own sentences stand in for those of the language", () => {
  const strings = { searching: "Leafing through", answerReady: { few: "{count} źródła", other: "{count} źródeł" } };
  const options = validate({ greeting: "Buzz.", placeholder: "Hm?", title: "Bees", strings });
  const messages = panelMessages(options, "pl");
  expect(messages).toMatchObject({ ...strings, greeting: "Buzz.", placeholder: "Hm?", close: "Zamknij" });
  expect(messages).not.toHaveProperty("title");
  expect(messages).not.toHaveProperty("failed");
  expect(messages).not.toHaveProperty("askedBefore");
  const failed = "Reload, please.";
  expect(clientOptions(validate({ strings: { failed } }), SITE).failed).toBe(failed);
  expect(clientOptions(options, SITE)).not.toHaveProperty("strings");
});

test.each([
  [{ serching: "x" }, /"strings.serching" is not a string; the strings are failed, askAboutThis, close,/],
  [{ greeting: "x" }, /"strings.greeting" is the option "greeting", outside "strings"/],
  [{ close: "" }, /"strings.close" is ""; it must be a text of 1 to 1000 characters without braces/],
  [{ close: "{title}" }, /"strings.close" is "{title}"; it must be a text of 1 to 1000 characters without braces/],
  [{ source: "{numbr}" }, /"strings.source" is "{numbr}"; it must be .* with {number} and {title}$/],
  [{ starterPatterns: [] }, /"strings.starterPatterns" is \[\]; it must be a list of one to 3, each .* with {topic}$/],
  [
    { limited: { few: "{count}" } },
    /"strings.limited" is .*; it must be .* by plural form: "other", and any of zero, one,/,
  ],
  [{ limited: { much: "x", other: "y" } }, /"strings.limited" is .*; it must be .* by plural form: "other"/],
  ["polite", /"strings" is "polite"; it must be an object of sentences by their names/],
])("the strings %j are refused, and it is said what is allowed", (strings, complaint) => {
  expect(() => validate({ strings })).toThrow(complaint);
});

test.each([{ limited: "Wait {count} s." }, { starterPatterns: ["{topic}?"] }, { source: "Source" }])(
  "the strings %j are taken",
  (strings) => {
    expect(validate({ strings }).strings).toEqual(strings);
  },
);

test.each([
  [{ llmsTxt: "no" }, '"llmsTxt" is "no"; it must be true or false'],
  [{ widget: "chatkit" }, '"widget" is not an option'],
  [{ avatar: "/owl.svg" }, '"avatar" is "/owl.svg"; it must be an object with "src" and "alt"'],
  [{ avatar: { alt: "An owl" } }, '"avatar.src" is undefined; it must be a path such as "/img/owl.svg"'],
])("%j is refused, and it is said what is allowed", (options, complaint) => {
  expect(() => validate(options)).toThrow(complaint);
});

test.each([
  ["/img/owl.svg", "/book/img/owl.svg"],
  ["/book/img/owl.svg", "/book/img/owl.svg"],
  ["https://book.example/owl.svg", "https://book.example/owl.svg"],
])("the avatar %s is at %s", (src, served) => {
  expect(clientOptions(validate({ avatar: { src } }), SITE).avatar).toEqual({ src: served, alt: "" });
});

test("an avatar from elsewhere is refused, since readers' browsers would ask a third party for it", () => {
  const options = validate({ avatar: { src: "https://elsewhere.example/owl.svg" } });
  expect(() => clientOptions(options, SITE)).toThrow("it must be on https://book.example itself");
});
