/** What `init` changes in a site's folder: found out first, shown, and written only then. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { addPlugin } from "./config";
import { addPostbuild } from "./package-json";
import { Refusal } from "./refusal";

/** A file before and after; `before` is null for one that is not there yet. */
export interface Change {
  name: string;
  before: string | null;
  after: string;
}

const CONFIGS = ["ts", "mts", "cts", "js", "mjs", "cjs"].map((ending) => `docusaurus.config.${ending}`);
const CONTEXT = 3;
const ENVIRONMENT = `# Booklight's sidecar reads its settings from a file called .env beside it. Copy the lines that you need there.

# Origins whose pages may ask the sidecar, where it does not serve the book itself.
# BOOKLIGHT_ALLOWED_ORIGINS=https://book.example.org

# A model to write the answers; without one, they are quotations from the book.
# BOOKLIGHT_MODEL=openai:gpt-5-mini
# OPENAI_API_KEY=
`;
/** What holds the index, the conversations and a secret key, and the settings with their keys. */
const IGNORED = [".booklight/", ".env"];

/** Return what has to change in the site in `folder`; nothing where it is set up. Throws a Refusal. */
export function findChanges(folder: string): Change[] {
  const config = CONFIGS.find((name) => existsSync(join(folder, name)));
  if (!config || !existsSync(join(folder, "package.json"))) {
    throw new Refusal(folder, `it is no Docusaurus site with a docusaurus.config.* and a package.json`);
  }
  const edit = (name: string, change: (text: string) => string): Change => {
    const before = readIfThere(join(folder, name));
    return { name, before, after: change(before ?? "") };
  };
  const changes = [
    edit(config, (text) => addPlugin(text, config)),
    edit("package.json", (text) => addPostbuild(text, isBelow(folder, ".yarnrc.yml"))),
    edit(".env.example", addEnvironment),
    edit(".gitignore", addIgnored),
  ];
  return changes.filter(({ before, after }) => before !== after);
}

/** Write all of `changes` into `folder`. */
export function writeChanges(folder: string, changes: readonly Change[]): void {
  for (const { name, after } of changes) writeFileSync(join(folder, name), after);
}

/** Return `change` as a unified diff, with three lines around what is different. */
export function diffOf({ name, before, after }: Change): string {
  const [old, now] = [linesOf(before ?? ""), linesOf(after)];
  const start = old.findIndex((line, at) => line !== now[at]);
  const same = start < 0 ? Math.min(old.length, now.length) : start;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - same && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const from = Math.max(0, same - CONTEXT);
  const lead = old.slice(from, same).map((line) => ` ${line}`);
  const gone = old.slice(same, old.length - tail).map((line) => `-${line}`);
  const come = now.slice(same, now.length - tail).map((line) => `+${line}`);
  const rest = old.slice(old.length - tail, old.length - tail + CONTEXT).map((line) => ` ${line}`);
  const lines = [...lead, ...gone, ...come, ...rest];
  const count = (sign: string) => lines.filter((line) => !line.startsWith(sign)).length;
  const range = (begin: number, length: number) => `${length === 0 ? begin : begin + 1},${length}`;
  const head = `@@ -${range(from, count("+"))} +${range(from, count("-"))} @@`;
  return [before === null ? "--- /dev/null" : `--- a/${name}`, `+++ b/${name}`, head, ...lines, ""].join("\n");
}

function addEnvironment(text: string): string {
  if (/BOOKLIGHT_/.test(text)) return text;
  return text === "" ? ENVIRONMENT : `${withLineEnd(text)}\n${ENVIRONMENT}`;
}

function addIgnored(text: string): string {
  const lines = new Set(linesOf(text).map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const missing = IGNORED.filter((name) => !lines.has(name.replace(/\/$/, "")));
  return missing.length === 0 ? text : `${withLineEnd(text)}${missing.join("\n")}\n`;
}

function withLineEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Whether `folder`, or one above it as in a workspace, has a file of that name. */
function isBelow(folder: string, name: string): boolean {
  const above = dirname(folder);
  return existsSync(join(folder, name)) || (above !== folder && isBelow(above, name));
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}
