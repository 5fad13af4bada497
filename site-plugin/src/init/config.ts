/** The plugin in a `docusaurus.config` file: found where it stands, or added to the list of plugins. */

import type { Expression, Node, ObjectExpression, Statement } from "@babel/types";
import { Refusal } from "./refusal";
import { addTo, propertyOf, readScript, type Written } from "./syntax";

const PLUGIN = "docusaurus-plugin-booklight";
/** How many variables and wrappers may stand between what a file exports and its object. */
const FURTHEST = 20;

/** Return the configuration called `name` with the plugin in it. Throws a Refusal where it cannot be edited. */
export function addPlugin(text: string, name: string): string {
  const script = read(text, name);
  if (script.tokens.some(({ type, value }) => type.label === "string" && value === PLUGIN)) return text;
  const config = objectOf(exported(script.program), script.program);
  if (!config) throw new Refusal(name, "what it exports is no object that is written out in it");
  const quote = quoteOf(script);
  const item = quote + PLUGIN + quote;
  const plugins = propertyOf(config, "plugins");
  if (plugins?.value.type === "ArrayExpression") {
    return addTo(script, plugins.value, item, plugins.value.elements.findLast((each) => each !== null) ?? null);
  }
  if (plugins) throw new Refusal(name, "its `plugins` is no list that is written out in it");
  const unknown = config.properties.some(({ type }) => type !== "ObjectProperty");
  if (unknown) throw new Refusal(name, "its plugins may stand in what it takes from elsewhere by `...`");
  const before = propertyOf(config, "presets") ?? config.properties.at(-1) ?? null;
  return addTo(script, config, `plugins: [${item}]`, before);
}

function read(text: string, name: string): Written {
  try {
    return readScript(text, name);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal(name, `it cannot be read: ${error.message}`);
    throw error;
  }
}

/** What the file exports: by `export default`, or by `module.exports =`. */
function exported(program: readonly Statement[]): Node | null {
  for (const statement of program) {
    if (statement.type === "ExportDefaultDeclaration") return statement.declaration;
    if (statement.type !== "ExpressionStatement") continue;
    const { expression } = statement;
    if (expression.type === "AssignmentExpression" && isModuleExports(expression.left)) return expression.right;
  }
  return null;
}

function isModuleExports(node: Node): boolean {
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return false;
  const { object, property } = node;
  return object.name === "module" && property.type === "Identifier" && property.name === "exports";
}

/** The object that `node` comes to, by way of variables, types, `defineConfig(…)` and functions that return it. */
function objectOf(
  node: Node | null | undefined,
  scope: readonly Statement[],
  steps = FURTHEST,
): ObjectExpression | null {
  if (!node || steps === 0) return null;
  const go = (next: Node | null | undefined, within = scope) => objectOf(next, within, steps - 1);
  switch (node.type) {
    case "ObjectExpression":
      return node;
    case "Identifier":
      return go(definitionOf(node.name, scope));
    case "TSSatisfiesExpression":
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return go(node.expression);
    case "CallExpression":
      return go(node.arguments[0]);
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression": {
      if (node.body.type !== "BlockStatement") return go(node.body);
      const returned = node.body.body.findLast((statement) => statement.type === "ReturnStatement");
      return go(returned?.argument, [...scope, ...node.body.body]);
    }
    default:
      return null;
  }
}

/** What the variable or function called `name` is, the innermost first. */
function definitionOf(name: string, scope: readonly Statement[]): Expression | Statement | null {
  for (const statement of [...scope].reverse()) {
    if (statement.type === "FunctionDeclaration" && statement.id?.name === name) return statement;
    if (statement.type !== "VariableDeclaration") continue;
    const found = statement.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
    if (found?.init) return found.init;
  }
  return null;
}

/** The quotation mark that the file uses most. */
function quoteOf({ text, tokens }: Written): string {
  const strings = tokens.filter(({ type }) => type.label === "string");
  const single = strings.filter(({ start }) => text[start] === "'").length;
  return single * 2 > strings.length ? "'" : '"';
}
