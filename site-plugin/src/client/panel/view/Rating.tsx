/** What the reader thinks of an answer, and why. */

import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { messages } from "../../messages/messages";
import type { Feedback } from "../api/protocol";
import { IconButton } from "../controls/IconButton";

const MAX_REASON = 2_000;

interface Props {
  itemId: string;
  rating: Feedback | undefined;
  onRate: (itemId: string, kind: Feedback, reason?: string) => void;
}

/** Two buttons; a bad answer is asked about at once, and what was said before the reason counts already. */
export function Rating({ itemId, rating, onRate }: Props) {
  const [asking, setAsking] = useState(false);
  const bad = useRef<HTMLButtonElement>(null);
  const rate = (kind: Feedback) => {
    onRate(itemId, kind);
    setAsking(kind === "negative");
  };
  const close = () => {
    setAsking(false);
    bad.current?.focus();
  };
  const explain = (reason: string) => {
    if (reason) onRate(itemId, "negative", reason);
    close();
  };
  const leaveOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !asking) return;
    event.stopPropagation();
    close();
  };
  const pressed = (kind: Feedback) => ({ "aria-pressed": rating === kind, onClick: () => rate(kind) });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is caught for the form inside
    <span className="rating" onKeyDown={leaveOnEscape}>
      <IconButton icon="good" label={messages.goodAnswer} {...pressed("positive")} />
      <IconButton button={bad} icon="bad" label={messages.badAnswer} {...pressed("negative")} />
      <span className="thanks" role="status">
        {rating && !asking && messages.thanks}
      </span>
      {asking && <Reason onSend={explain} />}
    </span>
  );
}

function Reason({ onSend }: { onSend: (reason: string) => void }) {
  const [words, setWords] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend(words.trim());
  };
  return (
    <form className="reason" onSubmit={send}>
      <label>
        {messages.reason}
        <input
          // biome-ignore lint/a11y/noAutofocus: the reader has just asked to write here
          autoFocus
          maxLength={MAX_REASON}
          placeholder={messages.reasonHint}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </label>
      <button type="submit" className="plain">
        {messages.sendReason}
      </button>
    </form>
  );
}
