/** The panel before the first question: what it is for, and three ways to begin. */

import { useMessages } from "./context";
import { type CurrentPage, starterQuestions } from "./page";

/** Greet, and offer questions made from the headings of `page`. */
export function Welcome({ page, onAsk }: { page: CurrentPage; onAsk: (question: string) => void }) {
  const messages = useMessages();
  const questions = starterQuestions(page, messages.starterPatterns);
  return (
    <div className="welcome">
      <p>{messages.greeting}</p>
      {questions.length > 0 && (
        <div className="questions">
          <h3>{messages.starters}</h3>
          {questions.map((question) => (
            <button key={question} type="button" onClick={() => onAsk(question)}>
              {question}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
