/** The polite live region: what is being done, the answer sentence by sentence, and that it is complete. */

import { useEffect, useRef, useState } from "react";
import { messages, say } from "../../messages/messages";
import type { AssistantMessage } from "../api/protocol";
import { endsEarly, type Thread } from "../state/thread";
import { completedSentences, plainWords } from "./sentences";

/** Announce how the turn of `thread` goes on. */
export function Announcer({ thread }: { thread: Thread }) {
  const [said, setSaid] = useState("");
  const spoken = useRef({ id: "", upTo: 0 });
  const { turn } = thread;
  const progress = turn.phase === "running" ? turn.progress : null;
  const answer = turn.phase === "running" ? thread.items.find((item) => item.id === turn.open) : undefined;
  const text = answer?.type === "assistant_message" ? textOfAnswer(answer) : null;

  useEffect(() => {
    if (progress) setSaid(progress);
  }, [progress]);

  useEffect(() => {
    if (text === null || !answer) return;
    if (spoken.current.id !== answer.id) spoken.current = { id: answer.id, upTo: 0 };
    const next = completedSentences(text, spoken.current.upTo);
    spoken.current.upTo = next.upTo;
    if (next.said) setSaid(next.said);
  }, [text, answer]);

  useEffect(() => {
    const last = thread.items.findLast((item) => item.id === spoken.current.id);
    if (turn.phase !== "idle" || last?.type !== "assistant_message") return;
    const rest = plainWords(textOfAnswer(last).slice(spoken.current.upTo));
    const sources = new Set(last.content.flatMap((part) => part.annotations.map(({ source }) => source.url))).size;
    setSaid(`${rest} ${endsEarly(thread) ? "" : completed(sources)}`.trim());
    spoken.current = { id: "", upTo: 0 };
  }, [turn.phase, thread]);

  return (
    <div className="unseen" role="status" aria-live="polite">
      {said}
    </div>
  );
}

function completed(sources: number): string {
  return sources > 0 ? say(messages.answerReady, { count: sources }) : messages.answerComplete;
}

function textOfAnswer(item: AssistantMessage): string {
  return item.content.map((part) => part.text).join("\n\n");
}
