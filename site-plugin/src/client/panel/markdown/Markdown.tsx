/** An answer's Markdown as React elements. No HTML is ever set: what looks like markup is shown as text. */

import { Lexer, type Token, type Tokens } from "marked";
import { memo, type ReactNode, useMemo } from "react";
import { type Mark, placeMarks, withoutMarks } from "../state/citations";
import { CodeBlock } from "./CodeBlock";
import { Folded } from "./Folded";
import { Formula } from "./Formula";
import { Inline, Marks } from "./Inline";
import { settle } from "./steady";
import { type FormulaToken, SYNTAX } from "./syntax";

const TITLE = /\btitle=(["'])(.*?)\1/;

/**
 * Show `text` with its citations; while it is `live`, what may still change is held back. Of several quotations, all but
 * the first are folded, from their first words on: they take up one line, however long they grow.
 */
export function Markdown({ text, marks, live }: { text: string; marks: readonly Mark[]; live: boolean }) {
  const tokens = useMemo(() => {
    const shown = live ? settle(text) : text;
    return new Lexer({ gfm: true, extensions: SYNTAX }).lex(placeMarks(shown, marks));
  }, [text, marks, live]);
  const quotation = tokens.findIndex(isQuotation);
  return tokens.map((token, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: blocks of an answer only ever grow at the end
    <Block key={place} token={token} folded={isQuotation(token) && place > quotation} />
  ));
}

function isQuotation(token: Token): boolean {
  return token.type === "blockquote";
}

/** A finished block is not rendered again while the answer behind it grows. */
const Block = memo(
  ({ token, folded = false }: { token: Token; folded?: boolean }) => renderBlock(token as Tokens.Generic, folded),
  (before, after) =>
    before.token.raw === after.token.raw && before.token.type === after.token.type && before.folded === after.folded,
);

function renderBlock(token: Tokens.Generic, folded: boolean): ReactNode {
  switch (token.type) {
    case "paragraph":
      return (
        <p>
          <Inline tokens={token.tokens} />
        </p>
      );
    case "heading":
      return <Heading token={token as Tokens.Heading} />;
    case "code":
      return <Code token={token as Tokens.Code} />;
    case "list":
      return <List token={token as Tokens.List} />;
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "blockquote":
      return <Quotation token={token as Tokens.Blockquote} folded={folded} />;
    case "formula":
      return <FormulaBlock token={token as FormulaToken} />;
    case "hr":
      return <hr />;
    case "space":
    case "def":
      return null;
    default:
      return <Inline tokens={token.tokens ?? [token]} />;
  }
}

function Blocks({ tokens }: { tokens: readonly Token[] | undefined }) {
  return tokens?.map((token, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: blocks of an answer only ever grow at the end
    <Block key={place} token={token} />
  ));
}

function Quotation({ token, folded }: { token: Tokens.Blockquote; folded: boolean }) {
  const blocks = <Blocks tokens={token.tokens} />;
  return folded ? <Folded quotation={token}>{blocks}</Folded> : <blockquote>{blocks}</blockquote>;
}

/** Headings of an answer stand below the panel's own. */
function Heading({ token }: { token: Tokens.Heading }) {
  const Level = token.depth <= 2 ? "h3" : token.depth === 3 ? "h4" : "h5";
  return (
    <Level>
      <Inline tokens={token.tokens} />
    </Level>
  );
}

function Code({ token }: { token: Tokens.Code }) {
  const [language = ""] = token.lang?.split(/[\s{]/) ?? [];
  const title = TITLE.exec(token.lang ?? "")?.[2] ?? "";
  return (
    <>
      <CodeBlock text={withoutMarks(token.text)} language={language} title={title} />
      <Marks text={token.text} />
    </>
  );
}

function FormulaBlock({ token }: { token: FormulaToken }) {
  return (
    <>
      <Formula tex={withoutMarks(token.text)} display={token.display} />
      <Marks text={token.text} />
    </>
  );
}

function List({ token }: { token: Tokens.List }) {
  const items = token.items.map((item, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items of an answer only ever grow at the end
    <li key={place} className={item.task ? "task" : undefined}>
      {item.task && <input type="checkbox" checked={item.checked === true} disabled aria-label={item.text} />}
      <Blocks tokens={item.tokens} />
    </li>
  ));
  return token.ordered ? <ol start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ token }: { token: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard too
    <div className="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>{token.header.map((cell, place) => renderCell("th", cell, place))}</tr>
        </thead>
        <tbody>
          {token.rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of an answer only ever grow at the end
            <tr key={place}>{row.map((cell, column) => renderCell("td", cell, column))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function renderCell(Tag: "th" | "td", cell: Tokens.TableCell, place: number): ReactNode {
  return (
    <Tag key={place} className={cell.align ?? undefined}>
      <Inline tokens={cell.tokens} />
    </Tag>
  );
}
