/** The line of a site's `package.json` that indexes the book whenever it is built. */

import { Refusal } from "./refusal";
import { addTo, propertyOf, rangeOf, readJson } from "./syntax";

const NAME = "package.json";
const POSTBUILD = "postbuild";
const OUT_DIR = /--out-dir[ =](\S+)/;

/** Return `package.json` with a `postbuild` script that indexes the build. Throws a Refusal where it cannot be edited. */
export function addPostbuild(text: string): string {
  const { written, object } = read(text);
  const scripts = object && propertyOf(object, "scripts")?.value;
  if (scripts?.type !== "ObjectExpression") throw new Refusal(NAME, "it has no scripts");
  const build = propertyOf(scripts, "build");
  const builds = build?.value.type === "StringLiteral" ? build.value.value : "";
  const command = `booklight index ${OUT_DIR.exec(builds)?.[1] ?? "build"}`;
  const postbuild = propertyOf(scripts, POSTBUILD)?.value;
  if (/booklight index/.test(builds)) return text;
  if (!postbuild) {
    const line = `"${POSTBUILD}": ${JSON.stringify(command)}`;
    return withoutName(addTo(written, scripts, line, build ?? scripts.properties.at(-1) ?? null));
  }
  if (postbuild.type !== "StringLiteral") throw new Refusal(NAME, "its postbuild is no text");
  if (/booklight index/.test(postbuild.value)) return text;
  const [start, end] = rangeOf(postbuild);
  const both = JSON.stringify(`${postbuild.value} && ${command}`);
  return withoutName(written.text.slice(0, start) + both + written.text.slice(end));
}

/** Whether the plugin is among the packages of a site. */
export function hasPlugin(text: string): boolean {
  const { dependencies = {}, devDependencies = {} }: Record<string, Record<string, string> | undefined> =
    JSON.parse(text);
  return "docusaurus-plugin-booklight" in { ...dependencies, ...devDependencies };
}

function read(text: string): ReturnType<typeof readJson> {
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal(NAME, `it cannot be read: ${error.message}`);
    throw error;
  }
  return readJson(text);
}

/** JSON was read as the value of `x`. */
function withoutName(text: string): string {
  return text.slice("x=".length);
}
