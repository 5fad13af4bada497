/** One answer: its prose, what it rests on, and what can be done with it. */

import { memo, type ReactNode, useMemo } from "react";
import { messages } from "../../messages/messages";
import type { Assistant } from "../api/assistant";
import type { AnswerPart, AssistantMessage, Feedback } from "../api/protocol";
import { SourcesContext } from "../context/context";
import { CopyButton } from "../controls/CopyButton";
import { IconButton } from "../controls/IconButton";
import { Markdown } from "../markdown/Markdown";
import { type Citations, collectCitations } from "../state/citations";
import { Rating } from "./Rating";
import { Share } from "./Share";
import { Sources } from "./Sources";

interface Props {
  item: AssistantMessage;
  live: boolean;
  /** The client to share the answer by, where that is possible. */
  sharer: Assistant | undefined;
  rating: Feedback | undefined;
  onRate: (itemId: string, kind: Feedback, reason?: string) => void;
  /** Absent where the answer is not the last one. */
  onAgain: (() => void) | undefined;
}

/** Show an answer; while it is `live`, sources and tools wait for its end. */
export const Answer = memo(function Answer({ item, live, sharer, rating, onRate, onAgain }: Props) {
  return (
    <Prose content={item.content} live={live}>
      {(citations) => (
        <div className="tools">
          <CopyButton label={messages.copyAnswer} text={textToCopy(item, citations)} />
          {onAgain && <IconButton icon="again" label={messages.answerAgain} onClick={onAgain} />}
          {sharer && <Share item={item} sharer={sharer} />}
          <Rating itemId={item.id} rating={rating} onRate={onRate} />
        </div>
      )}
    </Prose>
  );
});

/** What an answer says; `children` stand below it once it is whole. */
export interface ProseProps {
  content: readonly AnswerPart[];
  live?: boolean;
  children?: (citations: Citations) => ReactNode;
}

/** Show what an answer says, and its sources. */
export function Prose({ content, live = false, children }: ProseProps) {
  const citations = useMemo(() => collectCitations(content), [content]);
  return (
    <div className="answer" part="answer" aria-busy={live}>
      <SourcesContext.Provider value={citations.sources}>
        {content.map((part, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of an answer only ever grow at the end
          <Markdown key={place} text={part.text} marks={citations.marks[place] ?? []} live={live} />
        ))}
      </SourcesContext.Provider>
      {!live && <Sources sources={citations.sources} />}
      {!live && children?.(citations)}
    </div>
  );
}

/** The answer as Markdown, with its sources below. */
function textToCopy(item: AssistantMessage, { sources }: Citations): string {
  const text = item.content.map((part) => part.text).join("\n\n");
  const list = sources.map((source) => `${source.number}. [${source.title}](${source.url})`).join("\n");
  return list ? `${text}\n\n${list}` : text;
}
