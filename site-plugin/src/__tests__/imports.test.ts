/** Imports point one way, in both halves of the plugin, and a name of a type means one thing. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCES = join(__dirname, "..");
/** The folders of the browser half: each imports only from itself and from those before it. */
const LAYERS = [
  "client/site",
  "client/messages",
  "client/selection",
  "client/highlight",
  "client/panel/api",
  "client/page",
  "client/panel/state",
  "client/panel/context",
  "client/panel/controls",
  "client/panel/markdown",
  "client/panel/view",
  "client/panel",
  "client",
];

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.tsx?$/.test(file) && !file.startsWith("__tests__"),
);
const modules = new Map(files.map((file) => [file.replace(/(?:\.d)?\.tsx?$/, ""), file]));
const imports = new Map([...modules].map(([name, file]) => [name, importedBy(name, file)]));

/** The modules that `name` imports, types included, whether at once or later. */
function importedBy(name: string, file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(SOURCES, file), "utf8"), true, true);
  const relative = importedFiles.map(({ fileName }) => fileName).filter((path) => path.startsWith("."));
  return relative.map((path) => normalize(join(dirname(name), path)));
}

/** The first circle that a walk from `name` comes upon. */
function circleFrom(name: string, graph: ReadonlyMap<string, readonly string[]>, way: string[] = []): string[] | null {
  if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
  for (const next of graph.get(name) ?? []) {
    const circle = circleFrom(next, graph, [...way, name]);
    if (circle) return circle;
  }
  return null;
}

test("every import is found, so that none escapes the other checks", () => {
  expect(modules.size).toBeGreaterThan(80);
  const unknown = [...imports].flatMap(([name, found]) =>
    found.filter((each) => !modules.has(each)).map((each) => [name, each]),
  );
  expect(unknown).toEqual([]);
});

test("no module imports itself by way of others", () => {
  expect([...modules.keys()].map((name) => circleFrom(name, imports)).filter(Boolean)).toEqual([]);
});

test("a circle would be seen", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", []],
    ["d", ["b"]],
  ]);
  expect(circleFrom("a", graph)).toEqual(["b", "d", "b"]);
});

test("a folder of the browser half imports only from those below it", () => {
  const layerOf = (name: string) => LAYERS.indexOf(dirname(name));
  const browser = [...imports].filter(([name]) => name.startsWith("client/"));
  expect(browser.filter(([name]) => layerOf(name) < 0)).toEqual([]);
  const upward = browser.flatMap(([name, found]) =>
    found.filter((each) => each !== "contract" && layerOf(each) > layerOf(name)).map((each) => `${name} → ${each}`),
  );
  expect(upward.filter((each) => !each.startsWith("client/ambient"))).toEqual([]);
});

test("the halves share nothing but the contract, which is types alone", () => {
  const crossing = [...imports].flatMap(([name, found]) =>
    found.filter((each) => each !== "contract" && each.startsWith("client/") !== name.startsWith("client/")),
  );
  expect(crossing).toEqual([]);
  expect(modules.get("contract")).toBe("contract.d.ts");
});

test("no two exported types have one name", () => {
  const names = files.flatMap((file) => {
    const text = readFileSync(join(SOURCES, file), "utf8");
    return Array.from(text.matchAll(/^export (?:interface|type|class) (\w+)/gm), ([, name]) => name);
  });
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
