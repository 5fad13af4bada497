import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { ENGLISH, type Messages } from "../client/messages/english";
import { loadMessages } from "../client/messages/load";

const OWN = ["english", "load"];
const LANGUAGES = readdirSync(new URL("../client/messages", import.meta.url))
  .map((file) => file.replace(".ts", ""))
  .filter((name) => !OWN.includes(name));

it.each([
  ["en-GB", "Close"],
  ["de-CH", "Schließen"],
  ["FR", "Fermer"],
  ["zh-Hans", "关闭"],
  ["ar", "إغلاق"],
  ["es-419", "Cerrar"],
  ["eo", "Close"],
  ["", "Close"],
])("speaks %s", async (language, close) => {
  expect((await loadMessages(language)).close).toBe(close);
});

it.each(LANGUAGES)("%s has a sentence of its own for everything", async (language) => {
  const messages = await loadMessages(language);
  expect(messages).not.toBe(ENGLISH);
  expect(spoken(messages)).toHaveLength(spoken(ENGLISH).length);
  for (const words of spoken(messages)) expect(words.trim()).not.toBe("");
  for (const pattern of messages.starterPatterns) expect(pattern).toContain("{}");
});

/** Every sentence of a locale, with the same things said in each. */
function spoken(messages: Messages): string[] {
  const { failures, starterPatterns, ...others } = messages;
  const sentences = [...Object.values(others), ...Object.values(failures), ...starterPatterns];
  return sentences.flatMap((each) =>
    typeof each === "string"
      ? each
      : [0, 1, 2].map((count) => (each as (...given: unknown[]) => string)(count, "Title")),
  );
}
