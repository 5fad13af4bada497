/** The panel before the first question: what it is for, ways to begin, and what was asked here before. */

import { useEffect, useState } from "react";
import type { ClientOptions } from "../../../contract";
import { messages } from "../../messages/messages";
import { type CurrentPage, type Suggestion, starterQuestions } from "../../site/page";
import { report } from "../../site/report";
import type { ThreadSummary } from "../api/protocol";
import type { ThreadActions } from "../api/threads";
import { Avatar } from "../controls/Avatar";

const MAX_BEFORE = 3;

interface Props {
  page: CurrentPage;
  avatar: NonNullable<ClientOptions["avatar"]> | null;
  /** Null for a reader who has not asked before. */
  threads: ThreadActions | null;
  onAsk: (question: Suggestion) => void;
  onOpen: (threadId: string) => void;
}

/** Greet, and offer questions made from the headings of `page`. */
export function Welcome({ page, avatar, threads, onAsk, onOpen }: Props) {
  const questions = starterQuestions(page, messages.starterPatterns);
  const before = useAskedHere(threads, page.path);
  return (
    <div className="welcome">
      {avatar && <Avatar src={avatar.src} alt="" />}
      <p part="greeting">{messages.greeting}</p>
      {before.length > 0 && (
        <div className="questions before">
          <h3>{messages.askedHere}</h3>
          {before.map(({ id, title }) => (
            <button key={id} type="button" onClick={() => onOpen(id)}>
              {title || messages.untitled}
            </button>
          ))}
        </div>
      )}
      {questions.length > 0 && (
        <div className="questions">
          <h3>{messages.starters}</h3>
          {questions.map((question) => (
            <button key={question.text} type="button" onClick={() => onAsk(question)}>
              {question.text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** The latest conversations with a question asked at `path`; none until they are known. */
function useAskedHere(threads: ThreadActions | null, path: string): readonly ThreadSummary[] {
  const [before, setBefore] = useState<readonly ThreadSummary[]>([]);
  useEffect(() => {
    let left = false;
    const show = (found: readonly ThreadSummary[]) => !left && setBefore(found);
    show([]);
    threads?.list({ path, limit: MAX_BEFORE }).then(
      ({ data }) => show(data),
      (error) => report("conversations did not load", error),
    );
    return () => {
      left = true;
    };
  }, [threads, path]);
  return before;
}
