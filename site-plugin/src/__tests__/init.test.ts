import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diffOf, findChanges, writeChanges } from "../init/changes";
import { addPlugin } from "../init/config";
import { addPostbuild } from "../init/package-json";

const fixture = (name: string) => readFileSync(join(__dirname, "fixtures/sites", `${name}.txt`), "utf8");
const PACKAGE = fixture("package.json");

/** What a line-by-line comparison adds to `before`; nothing may be taken away. */
function added(before: string, after: string): string[] {
  const rest = before.split("\n");
  const lines: string[] = [];
  for (const line of after.split("\n"))
    if (line === rest[0]) rest.shift();
    else lines.push(line);
  expect(rest).toEqual([]);
  return lines;
}

describe("the configuration", () => {
  test.each(["classic.ts", "classic.js"])("of a new site, %s, gets one line behind its presets", (name) => {
    const before = fixture(name);
    const after = addPlugin(before, `docusaurus.config.${name.slice(-2)}`);
    expect(added(before, after)).toEqual(["  plugins: ['docusaurus-plugin-booklight'],"]);
    expect(after).toContain("  ],\n  plugins: ['docusaurus-plugin-booklight'],\n");
    const { diagnostics } = ts.transpileModule(after, { reportDiagnostics: true, fileName: name });
    expect(diagnostics).toEqual([]);
    expect(addPlugin(after, `docusaurus.config.${name.slice(-2)}`)).toBe(after);
  });

  test.each([
    ["export default { plugins: [] };", 'export default { plugins: ["docusaurus-plugin-booklight"] };'],
    ["export default { plugins: ['a'] };", "export default { plugins: ['a', 'docusaurus-plugin-booklight'] };"],
    ["export default { title: 'a' }", "export default { title: 'a', plugins: ['docusaurus-plugin-booklight'] }"],
    ["export default {}", 'export default {plugins: ["docusaurus-plugin-booklight"]}'],
    ["module.exports = { plugins: [x,] };", 'module.exports = { plugins: [x, "docusaurus-plugin-booklight",] };'],
    ["module.exports = { 'plugins': [] };", "module.exports = { 'plugins': ['docusaurus-plugin-booklight'] };"],
    [
      "export default {\n  plugins: [\n    'a', // the first\n    ['b', {c: 1}], // the last\n  ],\n};\n",
      "export default {\n  plugins: [\n    'a', // the first\n    ['b', {c: 1}], // the last\n    'docusaurus-plugin-booklight',\n  ],\n};\n",
    ],
    [
      'export default {\n\tplugins: [\n\t\t"a"\n\t]\n};',
      'export default {\n\tplugins: [\n\t\t"a",\n\t\t"docusaurus-plugin-booklight"\n\t]\n};',
    ],
    [
      "export default async function create() {\r\n  const config = {\r\n    title: 'a',\r\n  };\r\n  return config;\r\n}\r\n",
      "export default async function create() {\r\n  const config = {\r\n    title: 'a',\r\n    plugins: ['docusaurus-plugin-booklight'],\r\n  };\r\n  return config;\r\n}\r\n",
    ],
    ["export default () => ({ plugins: [] })", 'export default () => ({ plugins: ["docusaurus-plugin-booklight"] })'],
    [
      "const make = () => { return { plugins: [] }; };\nmodule.exports = make;",
      'const make = () => { return { plugins: ["docusaurus-plugin-booklight"] }; };\nmodule.exports = make;',
    ],
    [
      "export default defineConfig({ ...base, plugins: [...more] });",
      'export default defineConfig({ ...base, plugins: [...more, "docusaurus-plugin-booklight"] });',
    ],
  ])("%j becomes %j", (before, after) => {
    expect(addPlugin(before, "docusaurus.config.mjs")).toBe(after);
    expect(addPlugin(after, "docusaurus.config.mjs")).toBe(after);
  });

  test("in TypeScript may say its type anywhere", () => {
    const before = "const config = { plugins: [] } satisfies Config as Config;\nexport default config!;\n";
    expect(addPlugin(before, "docusaurus.config.ts")).toContain(
      "[] } ".replace("[]", '["docusaurus-plugin-booklight"]'),
    );
  });

  test("is left alone where the plugin is in it in any form", () => {
    const before = "const ask = ['docusaurus-plugin-booklight', {}];\nexport default { plugins: list(ask) };";
    expect(addPlugin(before, "docusaurus.config.js")).toBe(before);
  });

  test("that only mentions the plugin in a remark gets it", () => {
    const before = "// 'docusaurus-plugin-booklight'\nexport default { plugins: [] };";
    expect(addPlugin(before, "docusaurus.config.js")).toContain('plugins: ["docusaurus-plugin-booklight"]');
  });

  test.each([
    ["export default load();", "what it exports is no object that is written out in it"],
    ["export const a = 1;", "what it exports is no object that is written out in it"],
    ["const a = b;\nconst b = a;\nexport default a;", "what it exports is no object that is written out in it"],
    ["export default { plugins };", "its `plugins` is no list that is written out in it"],
    ["export default { plugins: list() };", "its `plugins` is no list that is written out in it"],
    ["export default { ...base };", "its plugins may stand in what it takes from elsewhere"],
    ["export default {", "it cannot be read: "],
  ])("%j is refused in one line", (text, reason) => {
    const complaint = new RegExp(`^docusaurus\\.config\\.js cannot be edited: ${reason}.*\\.$`.replaceAll("`", "."));
    expect(() => addPlugin(text, "docusaurus.config.js")).toThrow(complaint);
  });
});

describe("package.json", () => {
  test("of a new site gets one line behind its build", () => {
    const after = addPostbuild(PACKAGE);
    expect(added(PACKAGE, after)).toEqual(['    "postbuild": "booklight index build",']);
    expect(JSON.parse(after).scripts.postbuild).toBe("booklight index build");
    expect(addPostbuild(after)).toBe(after);
  });

  test.each([
    [{ build: "docusaurus build --out-dir dist" }, { postbuild: "booklight index dist" }],
    [{ postbuild: "pagefind" }, { postbuild: "pagefind && booklight index build" }],
    [{}, { postbuild: "booklight index build" }],
    [{ build: "docusaurus build && booklight index build" }, { postbuild: undefined }],
    [{ postbuild: "booklight index build en" }, { postbuild: "booklight index build en" }],
  ])("with the scripts %j gets %j", (scripts, { postbuild }) => {
    const after = addPostbuild(JSON.stringify({ scripts }));
    expect(JSON.parse(after).scripts).toEqual({ ...scripts, ...(postbuild && { postbuild }) });
    expect(addPostbuild(after)).toBe(after);
  });

  test.each([
    [{ packageManager: "yarn@4.18.1" }, false],
    [{ packageManager: "yarn@2.4.3+sha1.abc" }, false],
    [{}, true],
  ])("of a Yarn that runs no post scripts, %j, has it in its build", (manager, hasYarnrc) => {
    const after = addPostbuild(JSON.stringify({ ...manager, scripts: { build: "docusaurus build" } }), hasYarnrc);
    expect(JSON.parse(after).scripts).toEqual({ build: "docusaurus build && booklight index build" });
    expect(addPostbuild(after, hasYarnrc)).toBe(after);
  });

  test.each(["yarn@1.22.22", "pnpm@10.34.9", "npm@11.0.0"])("of %s gets its line", (packageManager) => {
    const after = addPostbuild(JSON.stringify({ packageManager, scripts: { build: "docusaurus build" } }));
    expect(JSON.parse(after).scripts.postbuild).toBe("booklight index build");
  });

  test.each([
    ["{}", /package\.json cannot be edited: it has no scripts\./],
    ["{,}", /package\.json cannot be edited: it cannot be read: /],
    ['{"scripts": {"postbuild": 1}}', /its postbuild is no text/],
  ])("%s is refused in one line", (text, complaint) => {
    expect(() => addPostbuild(text)).toThrow(complaint);
  });
});

describe("a site", () => {
  let site: string;
  const read = (name: string) => readFileSync(join(site, name), "utf8");

  beforeEach(() => {
    site = mkdtempSync(join(tmpdir(), "booklight-init-"));
    writeFileSync(join(site, "docusaurus.config.ts"), fixture("classic.ts"));
    writeFileSync(join(site, "package.json"), PACKAGE);
    writeFileSync(join(site, ".gitignore"), fixture("gitignore"));
  });

  afterEach(() => rmSync(site, { recursive: true }));

  test("is set up once", () => {
    writeChanges(site, findChanges(site));
    expect(findChanges(site)).toEqual([]);
    expect(read(".env.example")).toContain("# BOOKLIGHT_MODEL=");
    expect(added(fixture("gitignore"), read(".gitignore"))).toEqual([".booklight/", ".env"]);
  });

  test("keeps what its own .env.example and .gitignore say", () => {
    writeFileSync(join(site, ".env.example"), "TOKEN=");
    writeFileSync(join(site, ".gitignore"), "/.env\n.booklight");
    writeChanges(site, findChanges(site));
    expect(read(".env.example")).toMatch(/^TOKEN=\n\n# Booklight/);
    expect(read(".gitignore")).toBe("/.env\n.booklight");
  });

  test("shows each change as a diff that patch understands", () => {
    const changes = findChanges(site);
    const apply = { cwd: site, input: changes.map(diffOf).join(""), encoding: "utf8" } as const;
    const { status, stderr } = spawnSync("git", ["apply", "--unsafe-paths", "-"], apply);
    expect([status, stderr]).toEqual([0, ""]);
    for (const { name, after } of changes) expect(read(name)).toBe(after);
  });

  test("that cannot be edited stays as it is", () => {
    writeFileSync(join(site, "docusaurus.config.ts"), "export default load();");
    expect(() => findChanges(site)).toThrow("docusaurus.config.ts cannot be edited");
    expect(readdirSync(site)).not.toContain(".env.example");
  });

  test("that is none is refused", () => {
    rmSync(join(site, "docusaurus.config.ts"));
    expect(() => findChanges(site)).toThrow("it is no Docusaurus site with a docusaurus.config.* and a package.json.");
  });
});
