/** The conversation, turn by turn: a question, then all that was said to it. */

import { type ReactNode, useLayoutEffect, useRef } from "react";
import { messages } from "../../messages/messages";
import type { Suggestion } from "../../site/page";
import type { Assistant } from "../api/assistant";
import type { Feedback, Item, Task, UserMessage } from "../api/protocol";
import { BookLink } from "../controls/Link";
import { type PanelState, unconfirmed } from "../state/state";
import type { Turn } from "../state/thread";
import { Answer } from "./Answer";
import { Asked, Asking } from "./Asked";
import { Failed } from "./Failed";

export interface TranscriptActions {
  assistant: Assistant;
  onRetry: () => void;
  onRate: (itemId: string, kind: Feedback, reason?: string) => void;
  onOlder: () => void;
  onAsk: (question: Suggestion) => void;
}

/** Show the conversation; the last turn is brought to the top when it begins, and stays where it is. */
export function Transcript({ state, actions }: { state: PanelState; actions: TranscriptActions }) {
  const turns = groupTurns(state.thread.items);
  const waiting = unconfirmed(state);
  const last = useRef<HTMLElement>(null);
  const newest = waiting ? "waiting" : turns.at(-1)?.question?.id;

  useLayoutEffect(() => {
    const log = last.current?.parentElement;
    if (newest && log && last.current) log.scrollTop = last.current.offsetTop;
  }, [newest]);

  return (
    <>
      {state.older && (
        <button type="button" className="plain" onClick={actions.onOlder}>
          {messages.earlier}
        </button>
      )}
      {turns.map(({ question, items }, place) => {
        const isLast = place === turns.length - 1 && !waiting;
        return (
          <section key={question?.id ?? "first"} ref={isLast ? last : undefined} className="turn">
            {question && <Asked question={question} />}
            {items.map((item) => renderItem(item, state, isLast, actions))}
            {isLast && <TurnEnd state={state} actions={actions} />}
          </section>
        );
      })}
      {turns.length === 0 && !waiting && <TurnEnd state={state} actions={actions} />}
      {waiting && (
        <section ref={last} className="turn">
          <Asking question={waiting} />
          <TurnEnd state={state} actions={actions} />
        </section>
      )}
    </>
  );
}

/** A question and the items that follow it; what comes before the first question has none. */
interface Grouped {
  question: UserMessage | null;
  items: Item[];
}

function groupTurns(items: readonly Item[]): Grouped[] {
  const turns: Grouped[] = [];
  for (const item of items) {
    if (item.type === "user_message") turns.push({ question: item, items: [] });
    else if (turns.length === 0) turns.push({ question: null, items: [item] });
    else turns.at(-1)?.items.push(item);
  }
  return turns;
}

function renderItem(item: Item, state: PanelState, isLast: boolean, actions: TranscriptActions): ReactNode {
  switch (item.type) {
    case "assistant_message": {
      const { turn } = state.thread;
      const live = turn.phase === "running" && turn.open === item.id;
      const again = isLast && turn.phase !== "running" ? actions.onRetry : undefined;
      return (
        <Answer
          key={item.id}
          item={item}
          live={live}
          sharer={canShare(state) ? actions.assistant : undefined}
          rating={state.ratings[item.id]}
          onRate={actions.onRate}
          onAgain={again}
        />
      );
    }
    case "workflow":
      return <Steps key={item.id} steps={item.workflow.tasks.map((task) => task.title ?? task.content)} />;
    case "end_of_turn":
      return <EarlyEnd key={item.id} turn={isLast ? state.thread.turn : null} onRetry={actions.onRetry} />;
    case "task":
      if (item.task.sources) return state.thread.items.at(-1) === item && <Found key={item.id} task={item.task} />;
      return <Steps key={item.id} steps={[item.task.title ?? item.task.content]} />;
    default:
      return null;
  }
}

function canShare({ index }: PanelState): boolean {
  return index.status === "ready" && Boolean(index.index.share_days);
}

/** What the search has found, as links, until the answer begins: then it names its own sources. */
function Found({ task }: { task: Task }) {
  return task.sources?.map(({ title, url }) => (
    <p key={url} className="quiet">
      <BookLink href={url}>{title}</BookLink>
    </p>
  ));
}

/** That an answer is not all there; `turn` is null where more was said since. One just stopped or failed says it itself. */
function EarlyEnd({ turn, onRetry }: { turn: Turn | null; onRetry: () => void }) {
  if (turn === null) return <p className="quiet">{messages.cut}</p>;
  return turn.phase === "idle" && <Failed failure={{ kind: "cut" }} onRetry={onRetry} />;
}

function Steps({ steps }: { steps: readonly (string | undefined)[] }) {
  return steps.map(
    (step) =>
      step && (
        <p key={step} className="quiet">
          {step}
        </p>
      ),
  );
}

/** One quiet line that says what for; nothing while the answer itself is being written. */
function Progress({ turn }: { turn: Turn & { phase: "running" } }) {
  const waiting = turn.open === null && !turn.answered;
  const line = turn.reconnecting ? messages.reconnecting : (turn.progress ?? (waiting ? messages.searching : null));
  return line && <p className="quiet searching">{line}</p>;
}

/** What stands below the last item: what is being done, what went wrong, or what to ask next. */
function TurnEnd({ state, actions }: { state: PanelState; actions: TranscriptActions }) {
  const { turn, notices, followUps } = state.thread;
  return (
    <>
      {notices.map((notice) => (
        <p key={notice.message} className="quiet">
          {notice.title && <strong>{notice.title} </strong>}
          {notice.message}
        </p>
      ))}
      {turn.phase === "running" && <Progress turn={turn} />}
      {turn.phase === "stopped" && <p className="quiet">{messages.stopped}</p>}
      {turn.phase === "failed" && <Failed failure={turn.failure} onRetry={actions.onRetry} />}
      {turn.phase === "idle" && followUps.length > 0 && (
        <div className="questions">
          <h3>{messages.followUps}</h3>
          {followUps.map((question) => (
            <button key={question.text} type="button" onClick={() => actions.onAsk(question)}>
              {question.text}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
