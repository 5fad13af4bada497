#!/usr/bin/env node
/** The command `docusaurus-plugin-booklight`: sets the plugin up in a site, once its author has seen how. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { diffOf, findChanges, writeChanges } from "./init/changes";
import { hasPlugin } from "./init/package-json";
import { Refusal } from "./init/refusal";

const USAGE = `Usage: npx docusaurus-plugin-booklight init [FOLDER] [--yes]

Adds the plugin to docusaurus.config, a postbuild line that indexes the book to package.json, an example of the
sidecar's settings to .env.example, and what is not to be published to .gitignore. Shows the changes and asks first.

  FOLDER   the site's folder; the current one by default
  --yes    write the changes without asking
`;

/** Run the command with `given`, and return its exit status: 0 when the site is set up, 1 when not, 2 for bad use. */
async function main(given: readonly string[]): Promise<number> {
  const asked = readArguments(given);
  if (asked === null) return 2;
  const { folder, yes } = asked;
  const changes = findChanges(folder);
  if (changes.length === 0) {
    console.log("Booklight is set up in this site already: nothing to change.");
    return 0;
  }
  console.log(changes.map(diffOf).join("\n"));
  if (!yes && !(await agrees())) {
    console.log("Nothing was written.");
    return 1;
  }
  writeChanges(folder, changes);
  console.log(nextSteps(folder));
  return 0;
}

function readArguments(given: readonly string[]): { folder: string; yes: boolean } | null {
  try {
    const options = { yes: { type: "boolean", short: "y" }, help: { type: "boolean", short: "h" } } as const;
    const { values, positionals } = parseArgs({ args: [...given], options, allowPositionals: true });
    const [command, folder = process.cwd(), ...rest] = positionals;
    if (!values.help && command === "init" && rest.length === 0) return { folder, yes: values.yes === true };
    console.error(USAGE);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
  }
  return null;
}

/** Ask on the terminal; without one, nobody can agree. */
async function agrees(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error("There is no terminal to ask on: give --yes to write these changes.");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Write these changes? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function nextSteps(folder: string): string {
  const installed = hasPlugin(readFileSync(join(folder, "package.json"), "utf8"));
  const steps = [
    ...(installed ? [] : ["npm install docusaurus-plugin-booklight"]),
    "pip install booklight",
    "npm run build",
    "booklight serve --site build",
  ];
  return `Booklight is set up. Next:\n${steps.map((step) => `  ${step}`).join("\n")}`;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    if (!(error instanceof Refusal)) throw error;
    console.error(`${error.message} Nothing was written.`);
    process.exitCode = 1;
  },
);
