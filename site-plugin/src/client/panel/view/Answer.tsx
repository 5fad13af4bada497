/** One answer: its prose, what it rests on, and what can be done with it. */

import { memo, useMemo } from "react";
import { messages } from "../../messages/messages";
import type { AssistantMessage, Feedback } from "../api/protocol";
import { SourcesContext } from "../context/context";
import { CopyButton } from "../controls/CopyButton";
import { IconButton } from "../controls/IconButton";
import { Markdown } from "../markdown/Markdown";
import { type Citations, collectCitations } from "../state/citations";
import { Rating } from "./Rating";
import { Sources } from "./Sources";

interface Props {
  item: AssistantMessage;
  live: boolean;
  rating: Feedback | undefined;
  onRate: (itemId: string, kind: Feedback, reason?: string) => void;
  /** Absent where the answer is not the last one. */
  onAgain: (() => void) | undefined;
}

/** Show an answer; while it is `live`, sources and tools wait for its end. */
export const Answer = memo(function Answer({ item, live, rating, onRate, onAgain }: Props) {
  const citations = useMemo(() => collectCitations(item.content), [item.content]);
  return (
    <div className="answer" part="answer" aria-busy={live}>
      <SourcesContext.Provider value={citations.sources}>
        {item.content.map((part, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of an answer only ever grow at the end
          <Markdown key={place} text={part.text} marks={citations.marks[place] ?? []} live={live} />
        ))}
      </SourcesContext.Provider>
      {!live && <Sources sources={citations.sources} />}
      {!live && (
        <div className="tools">
          <Tools item={item} citations={citations} rating={rating} onRate={onRate} onAgain={onAgain} />
        </div>
      )}
    </div>
  );
});

function Tools({ item, citations, rating, onRate, onAgain }: Omit<Props, "live"> & { citations: Citations }) {
  return (
    <>
      <CopyButton label={messages.copyAnswer} text={textToCopy(item, citations)} />
      {onAgain && <IconButton icon="again" label={messages.answerAgain} onClick={onAgain} />}
      <Rating itemId={item.id} rating={rating} onRate={onRate} />
    </>
  );
}

/** The answer as Markdown, with its sources below. */
function textToCopy(item: AssistantMessage, { sources }: Citations): string {
  const text = item.content.map((part) => part.text).join("\n\n");
  const list = sources.map((source) => `${source.number}. [${source.title}](${source.url})`).join("\n");
  return list ? `${text}\n\n${list}` : text;
}
