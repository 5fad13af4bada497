/** The line of a site's `package.json` that indexes the book whenever it is built. */

import { Refusal } from "./refusal";
import { addTo, propertyOf, rangeOf, readJson } from "./syntax";

const NAME = "package.json";
const POSTBUILD = "postbuild";
const OUT_DIR = /--out-dir[ =](\S+)/;

/**
 * Return `package.json` with a `postbuild` script that indexes the build, or, where `post` scripts are not run, with that
 * in the `build` script itself. `hasYarnrc` says that there are settings of a Yarn from version 2 on. Throws a Refusal
 * where it cannot be edited.
 */
export function addPostbuild(text: string, hasYarnrc = false): string {
  const { written, object } = read(text);
  const scripts = object && propertyOf(object, "scripts")?.value;
  if (scripts?.type !== "ObjectExpression") throw new Refusal(NAME, "it has no scripts");
  const build = propertyOf(scripts, "build");
  const builds = build?.value.type === "StringLiteral" ? build.value.value : "";
  const command = `booklight index ${OUT_DIR.exec(builds)?.[1] ?? "build"}`;
  const postbuild = propertyOf(scripts, POSTBUILD)?.value;
  if (/booklight index/.test(builds)) return text;
  const appended = (script: Parameters<typeof rangeOf>[0], before: string) => {
    const [start, end] = rangeOf(script);
    return withoutName(
      written.text.slice(0, start) + JSON.stringify(`${before} && ${command}`) + written.text.slice(end),
    );
  };
  if (build && builds && !runsPostScripts(text, hasYarnrc)) return appended(build.value, builds);
  if (!postbuild) {
    const line = `"${POSTBUILD}": ${JSON.stringify(command)}`;
    return withoutName(addTo(written, scripts, line, build ?? scripts.properties.at(-1) ?? null));
  }
  if (postbuild.type !== "StringLiteral") throw new Refusal(NAME, "its postbuild is no text");
  if (/booklight index/.test(postbuild.value)) return text;
  return appended(postbuild, postbuild.value);
}

/** Whether a site with this `package.json` has its `post` scripts run: Yarn does so no more from version 2 on. */
function runsPostScripts(text: string, hasYarnrc: boolean): boolean {
  const { packageManager = "" }: { packageManager?: string } = JSON.parse(text);
  return !hasYarnrc && !/^yarn@(?!1\.)/.test(packageManager);
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
