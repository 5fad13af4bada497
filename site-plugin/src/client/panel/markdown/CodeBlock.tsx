/** A block of code that can be copied. */

import { useMemo } from "react";
import { messages } from "../../messages/messages";
import { useLazy } from "../context/lazy";
import { CopyButton } from "../controls/CopyButton";
import { colourCode, prism } from "./tokens";

interface Props {
  text: string;
  language: string;
  title: string;
}

/** Show `text` as it stands, under its title and its language. */
export function CodeBlock({ text, language, title }: Props) {
  return (
    <div className="code">
      <div className="code-head">
        {title && <span className="title">{title}</span>}
        <span className="language">{language}</span>
        <CopyButton label={messages.copyCode} text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keyboard too */}
      <pre className="scroll" tabIndex={0}>
        <code>
          <Coloured text={text} language={language} />
        </code>
      </pre>
    </div>
  );
}

/** The code in colours once they have been loaded, plain until then. Colours change no letter's width. */
function Coloured({ text, language }: Pick<Props, "text" | "language">) {
  const site = useLazy(prism, language !== "");
  const pieces = useMemo(() => site && colourCode(text, language, site), [site, text, language]);
  if (!pieces) return text;
  return pieces.map((piece, place) =>
    piece.kind ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: code of an answer only ever grows at the end
      <span key={place} className={`t-${piece.kind}`}>
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}
