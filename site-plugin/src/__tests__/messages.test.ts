import { join } from "node:path";
import { expect, it } from "vitest";
import type { Messages } from "../contract";
import { LANGUAGES, messagesOf } from "../messages";
import { english } from "../messages/en";

const NAMES = Object.keys(english) as (keyof Messages)[];
const COUNTS = Array.from({ length: 200 }, (_, at) => at + 1);

it.each([
  ["en-GB", "Close"],
  ["de-CH", "Schließen"],
  ["FR", "Fermer"],
  ["zh-Hans", "关闭"],
  ["ar", "إغلاق"],
  ["es-419", "Cerrar"],
  ["pt-BR", "Fechar"],
  ["pt_PT", "Fechar"],
  ["ja", "閉じる"],
  ["uk-UA", "Закрити"],
  ["eo", "Close"],
  ["", "Close"],
])("speaks %s", (language, close) => {
  expect(messagesOf(language).close).toBe(close);
});

it.each(Object.entries(LANGUAGES))("%s has every sentence, with the same filled in", (_, messages) => {
  expect(Object.keys(messages)).toEqual(NAMES);
  for (const name of NAMES) {
    const texts = textsOf(messages[name]);
    for (const text of texts) expect(text.trim(), name).not.toBe("");
    expect(fillers(texts.at(-1)), name).toEqual(fillers(textsOf(english[name]).at(-1)));
  }
  for (const pattern of messages.starterPatterns) expect(fillers(pattern)).toEqual(["topic"]);
  expect(messages.starterPatterns).toHaveLength(english.starterPatterns.length);
});

it.each(Object.entries(LANGUAGES))("%s has each plural form that counting needs", (language, messages) => {
  const rules = new Intl.PluralRules(language);
  const needed = new Set([...COUNTS.map((count) => rules.select(count)), "other"]);
  for (const counted of [messages.answerReady, messages.conversationsFound, messages.limited]) {
    expect(new Set(Object.keys(counted))).toEqual(needed);
    for (const form of Object.values(counted)) expect(["", "count"]).toContain(fillers(form).join());
  }
});

it("no two languages say the same", () => {
  for (const name of ["title", "failed", "greeting", "unreachable", "offline"] as const) {
    const said = Object.values(LANGUAGES).map((messages) => messages[name]);
    expect(new Set(said).size).toBe(said.length);
  }
});

it("the handbook lists every sentence that an author can replace", async () => {
  const rows = Object.entries(english).map(
    ([name, sentence]) => `| \`${name}\` | ${textsOf(sentence).map(asCode).join(" · ")} |`,
  );
  const listed = rows.filter((row) => !/^\| `(title|placeholder|greeting)`/.test(row));
  const table = ["| Name | In English |", "| --- | --- |", ...listed, ""].join("\n");
  await expect(table).toMatchFileSnapshot(join(__dirname, "../../../book/docs/_strings.mdx"));
});

function textsOf(sentence: Messages[keyof Messages]): string[] {
  return typeof sentence === "string" ? [sentence] : Object.values(sentence);
}

function fillers(text = ""): string[] {
  return Array.from(text.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name).sort();
}

function asCode(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
