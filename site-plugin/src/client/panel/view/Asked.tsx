/** A question as it was asked, below the passages that it is about. */

import { messages } from "../../messages/messages";
import type { UserMessage } from "../api/protocol";
import { type Selection, selectionsOf } from "../state/asked-about";
import { textOf } from "../state/history";
import type { Question } from "../state/state";
import { PassageLink } from "./PassageLink";

/** A question that the server has. */
export function Asked({ question }: { question: UserMessage }) {
  const quote = question.quoted_text ?? null;
  return <Shown text={textOf(question)} quote={quote} selections={quote === null ? [] : selectionsOf(question.id)} />;
}

/** A question on its way to the server. */
export function Asking({ question }: { question: Question }) {
  return <Shown text={question.text} quote={question.quote} selections={question.metadata.selections ?? []} />;
}

interface Props {
  text: string;
  quote: string | null;
  /** The quoted passages one by one, where it is known where they stand. */
  selections: readonly Selection[];
}

function Shown({ text, quote, selections }: Props) {
  return (
    <div className="asked" part="question">
      <h3 className="unseen">{messages.youAsked}</h3>
      {selections.map((passage) => (
        <blockquote key={passage.path + passage.text}>
          <PassageLink passage={passage}>{passage.text}</PassageLink>
        </blockquote>
      ))}
      {quote && selections.length === 0 && <blockquote>{quote}</blockquote>}
      <p>{text}</p>
    </div>
  );
}
