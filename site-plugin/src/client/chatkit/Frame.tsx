/**
 * What stands around OpenAI's component: what comes before it is loaded, and a way out while it is not there. Neither a
 * link with a question nor a note that the reader has not agreed to loads anything of a third party.
 */

import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ClientOptions } from "../../contract";
import type { Messages } from "../messages";
import { agreeTo, isAgreed } from "../panel/agreement";
import { Consent } from "../panel/Consent";
import { MessagesContext } from "../panel/context";
import { IconButton } from "../panel/IconButton";

/** While it is `waiting`, nothing of a third party has been loaded. */
type Stage = "waiting" | "loading" | "ready" | "failed";

interface Props {
  options: ClientOptions;
  messages: Messages;
  /** How often the panel was opened. */
  opening: number;
  /** The question of the link that opened it now, if it was one. */
  linked: string | null;
  onLoad: (place: HTMLElement) => Promise<void>;
  onClose: () => void;
}

/** Show the component once the reader wants it; the component's own head takes over from ours. */
export function Frame({ options, messages, opening, linked, onLoad, onClose }: Props) {
  const { title, consent = null } = options;
  const [stage, setStage] = useState<Stage>("waiting");
  const place = useRef<HTMLDivElement>(null);
  const closing = useRef<HTMLButtonElement>(null);
  const load = useCallback(() => {
    if (!place.current) return;
    setStage("loading");
    onLoad(place.current).then(
      () => setStage("ready"),
      () => setStage("failed"),
    );
  }, [onLoad]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening is the reader's or a link's
  useEffect(() => {
    if (stage === "waiting" && linked === null && isAgreed(consent)) load();
  }, [opening]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening is a new reason to focus
  useLayoutEffect(() => {
    if (stage !== "waiting") closing.current?.focus({ preventScroll: true });
  }, [stage, opening]);

  const agree = () => {
    agreeTo(consent);
    load();
  };
  const leaveOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) onClose();
  };
  return (
    <MessagesContext.Provider value={messages}>
      <div className="strip" onPointerDown={onClose} />
      <aside className="panel" part="panel" aria-label={title} onKeyDown={leaveOnEscape}>
        {stage !== "ready" && (
          <header part="head">
            <h2>{title}</h2>
            <IconButton button={closing} icon="close" label={messages.close} onClick={onClose} />
          </header>
        )}
        {stage === "waiting" && before()}
        {stage === "failed" && <Unreachable messages={messages} onRetry={load} />}
        <div ref={place} className="component" aria-busy={stage === "loading"} />
      </aside>
    </MessagesContext.Provider>
  );

  function before() {
    const question = linked ?? undefined;
    if (consent !== null && !isAgreed(consent))
      return <Consent note={consent} {...(question && { question })} onAgree={agree} onDecline={onClose} />;
    return question && <Linked question={question} label={title} onOpen={load} />;
  }
}

/** The question of a link, and a button that brings the component to it. */
function Linked({ question, label, onOpen }: { question: string; label: string; onOpen: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <div className="linked">
      <div className="asked">
        <p>{question}</p>
      </div>
      <button ref={button} type="button" className="plain main" onClick={onOpen}>
        {label}
      </button>
    </div>
  );
}

function Unreachable({ messages, onRetry }: { messages: Messages; onRetry: () => void }) {
  return (
    <div className="failed" role="alert">
      <p>{messages.unreachable}</p>
      <button type="button" className="plain" onClick={onRetry}>
        {messages.retry}
      </button>
    </div>
  );
}
