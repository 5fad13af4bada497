// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { messages, say } from "../client/messages/messages";
import { pageLanguage } from "../client/site/language";
import { LANGUAGES } from "../messages";

afterEach(() => {
  document.documentElement.lang = "";
});

it("fills in what varies, and leaves other braces alone", () => {
  expect(say(messages.source, { number: 2, title: "{number} $&" })).toBe("Source 2: {number} $&");
  expect(say("{a} {b} {}", { a: 1 })).toBe("1 {b} {}");
});

it.each([
  ["en", 1, "1 conversation"],
  ["en", 2, "2 conversations"],
  ["ru", 1, "1 беседа"],
  ["ru", 3, "3 беседы"],
  ["ru", 11, "11 бесед"],
  ["ru", 21, "21 беседа"],
  ["pl", 5, "5 rozmów"],
  ["pl", 22, "22 rozmowy"],
  ["ar", 2, "محادثتان"],
  ["ar", 7, "7 محادثات"],
  ["ja", 4, "4件の会話"],
])("counts in %s: %i", (language, count, said) => {
  document.documentElement.lang = language;
  expect(say(LANGUAGES[language]?.conversationsFound ?? "", { count })).toBe(said);
});

it("takes the only text there is for every number", () => {
  document.documentElement.lang = "pl";
  expect(say({ one: "one", other: "many" }, { count: 3 })).toBe("many");
  expect(say("Found: {count}", { count: 3 })).toBe("Found: 3");
});

it.each([
  ["pt-br", "pt-BR"],
  ["", "en"],
  ["pt_BR!", "en"],
])("the page in %j is one in %s", (given, language) => {
  document.documentElement.lang = given;
  expect(pageLanguage()).toBe(language);
});
