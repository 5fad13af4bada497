/** A block of code that can be copied. */

import { CopyButton } from "./CopyButton";
import { useMessages } from "./context";

/** Show `text` as it stands; `language` is only a label. */
export function CodeBlock({ text, language }: { text: string; language: string }) {
  const messages = useMessages();
  return (
    <div className="code">
      <div className="code-head">
        <span>{language}</span>
        <CopyButton label={messages.copyCode} text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keyboard too */}
      <pre className="scroll" tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
