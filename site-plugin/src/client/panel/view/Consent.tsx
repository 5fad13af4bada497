/** The author's note about where questions go, before the first one is sent. */

import { useEffect, useId, useRef } from "react";
import { messages } from "../../messages/messages";

interface Props {
  note: string;
  /** The question that waits for the answer, if there is one. */
  question?: string;
  onAgree: () => void;
  onDecline: () => void;
}

/** Show `note`, and the question that waits for it. */
export function Consent({ note, question, onAgree, onDecline }: Props) {
  const label = useId();
  const agree = useRef<HTMLButtonElement>(null);
  useEffect(() => agree.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form around it
    <div className="consent" role="group" aria-labelledby={label} aria-describedby={`${label}-note`}>
      <h3 id={label}>{messages.consentLabel}</h3>
      <p id={`${label}-note`}>{note}</p>
      {question !== undefined && (
        <div className="asked">
          <p>{question}</p>
        </div>
      )}
      <div className="choices">
        <button ref={agree} type="button" className="plain main" onClick={onAgree}>
          {messages.agree}
        </button>
        <button type="button" className="plain" onClick={onDecline}>
          {messages.decline}
        </button>
      </div>
    </div>
  );
}
