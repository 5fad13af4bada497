/** The inline half of an answer's Markdown: text, emphasis, code, links and citation marks. */

import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode } from "react";
import { BookLink } from "../controls/Link";
import { marksIn, splitMarks, withoutMarks } from "../state/citations";
import { CitationMark } from "./Citation";
import { decodeEntities } from "./entities";
import { Formula } from "./Formula";

const LINE_BREAK = /^<br *\/?>\s*$/i;
const BLOCKS = new Set(["blockquote", "list_item"]);
const LONGEST_BEGINNING = /^.{0,120}/su;

/** Show inline tokens in order. */
export function Inline({ tokens }: { tokens: readonly Token[] | undefined }) {
  return tokens?.map((token, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: text of an answer only ever grows at the end
    <Fragment key={place}>{renderInline(token as Tokens.Generic)}</Fragment>
  ));
}

function renderInline(token: Tokens.Generic): ReactNode {
  switch (token.type) {
    case "strong":
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case "em":
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case "del":
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case "br":
      return <br />;
    case "codespan":
      return (
        <>
          <code>{withoutMarks(token.text)}</code>
          <Marks text={token.text} />
        </>
      );
    case "formula":
      return (
        <>
          <Formula tex={withoutMarks(token.text)} display={false} />
          <Marks text={token.raw} />
        </>
      );
    case "link":
    case "image":
      return <Linked token={token as Tokens.Link} />;
    case "html":
      return LINE_BREAK.test(token.text) ? <br /> : <Text text={token.text} />;
    case "escape":
      return <Text text={token.text} />;
    default:
      return token.tokens ? <Inline tokens={token.tokens} /> : <Text text={decodeEntities(token.text ?? token.raw)} />;
  }
}

/** Pictures are links too: fetching one would tell a third party what is being read. */
function Linked({ token }: { token: Tokens.Link }) {
  return (
    <>
      <BookLink href={withoutMarks(token.href)}>{decodeEntities(withoutMarks(plainText(token)))}</BookLink>
      <Marks text={token.raw} />
    </>
  );
}

/** Return the words that a block begins with, on one line. */
export function beginningOf(token: Tokens.Generic): string {
  const inner = token.items?.[0] ?? (BLOCKS.has(token.type) ? token.tokens?.[0] : undefined);
  if (inner) return beginningOf(inner);
  const line = decodeEntities(withoutMarks(plainText(token) ?? token.raw)).replace(/\s+/g, " ");
  return LONGEST_BEGINNING.exec(line)?.[0].trim() ?? "";
}

function plainText(token: Tokens.Generic): string {
  if (token.type === "table") return token.header.map(plainText).join(" · ");
  return token.tokens?.length ? token.tokens.map((inner) => plainText(inner as Tokens.Generic)).join("") : token.text;
}

function Text({ text }: { text: string }) {
  return splitMarks(text).map((piece, place) =>
    typeof piece === "string" ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: text of an answer only ever grows at the end
      <CitationMark key={place} number={piece} />
    ),
  );
}

/** The citations within `text`, behind what cannot hold them. */
export function Marks({ text }: { text: string }) {
  return marksIn(text).map((number) => <CitationMark key={number} number={number} />);
}
