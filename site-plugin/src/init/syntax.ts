/** JavaScript and JSON as they are written, and additions to their lists and objects that leave the rest as it stands. */

import { type ParserPlugin, parse } from "@babel/parser";
import type {
  ArrayExpression,
  Comment,
  File,
  Node,
  ObjectExpression,
  ObjectProperty,
  SpreadElement,
  Statement,
} from "@babel/types";

/** A file as it is written, with its syntax tree and its tokens. */
export interface Written {
  text: string;
  program: readonly Statement[];
  tokens: readonly Token[];
}

/** What one word or sign of a file is called by the parser, and where it stands. */
interface Token {
  type: { label: string };
  value: unknown;
  start: number;
  end: number;
}

/** Read JavaScript or, where the file is called so, TypeScript. Throws a SyntaxError for what is neither. */
export function readScript(text: string, name: string): Written {
  const plugins: ParserPlugin[] = /\.[cm]?ts$/.test(name) ? ["typescript"] : ["jsx"];
  const file = parse(text, { sourceType: "unambiguous", tokens: true, plugins });
  return written(text, file);
}

/** Read JSON, which as an assigned value is JavaScript too; return it with the object that it is, or null. */
export function readJson(text: string): { written: Written; object: ObjectExpression | null } {
  const file = parse(`x=${text}`, { tokens: true });
  const [statement] = file.program.body;
  const assigned = statement?.type === "ExpressionStatement" && statement.expression;
  const value = assigned && assigned.type === "AssignmentExpression" ? assigned.right : null;
  return { written: written(`x=${text}`, file), object: value?.type === "ObjectExpression" ? value : null };
}

/** Return the property of `object` called `name`, if it is written out. */
export function propertyOf(object: ObjectExpression, name: string): ObjectProperty | null {
  const named = object.properties.filter((each) => each.type === "ObjectProperty" && nameOf(each) === name);
  return (named.at(-1) as ObjectProperty | undefined) ?? null;
}

/** Return the text with `item` behind `before`, or else as the first of `list`; in the file's own indentation. */
export function addTo(
  { text, tokens }: Written,
  list: ArrayExpression | ObjectExpression,
  item: string,
  before: Node | null,
): string {
  const [opening = 0, closing = 0] = rangeOf(list);
  if (!before) {
    const inner = text.slice(opening + 1, closing - 1);
    return splice(text, opening + 1, inner.trim() === "" ? closing - 1 : opening + 1, item);
  }
  const [start, end] = rangeOf(before);
  const comma = tokens.find((token) => token.start >= end && token.type.label !== "CommentLine");
  const hasComma = comma?.type.label === ",";
  if (!text.slice(opening, closing).includes("\n")) return splice(text, end, end, `, ${item}`);
  const behind = hasComma ? comma.end : end;
  const remark = /^[ \t]*(?:\/\/[^\n\r]*|\/\*[^\n\r]*?\*\/)?[ \t]*(?=\r?\n)/.exec(text.slice(behind))?.[0] ?? "";
  const line = /[^\n]*$/.exec(text.slice(0, start))?.[0] ?? "";
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const added = `${remark.trimEnd()}${ending}${indent}${item}${hasComma ? "," : ""}`;
  return splice(text, behind, behind + remark.length, hasComma ? added : `,${added}`);
}

/** Return where `node` begins and ends. */
export function rangeOf(node: Node): [start: number, end: number] {
  return [node.start ?? 0, node.end ?? 0];
}

function splice(text: string, start: number, end: number, added: string): string {
  return text.slice(0, start) + added + text.slice(end);
}

function written(text: string, file: File): Written {
  const tokens = (file.tokens ?? []) as (Token | Comment)[];
  return { text, program: file.program.body, tokens: tokens.filter((token) => typeof token.type === "object") };
}

/** The name of a property that is written out, such as `plugins` or `"plugins"`. */
function nameOf(property: ObjectProperty | SpreadElement): string | null {
  if (property.type !== "ObjectProperty" || property.computed) return null;
  const { key } = property;
  if (key.type === "Identifier") return key.name;
  return key.type === "StringLiteral" ? key.value : null;
}
