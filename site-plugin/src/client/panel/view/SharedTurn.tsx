/** A shared answer below its question, read-only, as whoever has the link sees it. */

import words from "@generated/docusaurus-plugin-booklight/default/share.json";
import { type ComponentType, useCallback, useEffect, useState } from "react";
import { messages } from "../../messages/messages";
import { report } from "../../site/report";
import type { Assistant } from "../api/assistant";
import type { AssistantError } from "../api/failure";
import { loadShared, type SharedAnswer } from "../api/shares";
import type { ProseProps } from "./Answer";

interface Props {
  shareId: string;
  assistant: Assistant;
  /** Shows an answer: handed in, since a module of the panel that this one imported would stand alone in its bundle. */
  Prose: ComponentType<ProseProps>;
}

/** Load and show what the link with this id shows, or that it shows nothing any more. */
export function SharedTurn({ shareId, assistant, Prose }: Props) {
  const [shared, setShared] = useState<SharedAnswer | "gone" | "failed" | null>(null);
  const load = useCallback(async () => {
    try {
      setShared(await loadShared(assistant, shareId));
    } catch (error) {
      report("a shared answer did not load", error);
      setShared((error as AssistantError).failure?.kind === "lost" ? "gone" : "failed");
    }
  }, [assistant, shareId]);
  useEffect(() => {
    load();
  }, [load]);
  if (shared === null) return null;
  if (shared === "gone") return <p className="quiet">{words.sharedGone}</p>;
  if (shared === "failed")
    return (
      <div className="failed" role="alert">
        <p>{messages.unreachable}</p>
        <button type="button" className="plain" onClick={load}>
          {messages.retry}
        </button>
      </div>
    );
  return (
    <section className="turn">
      <p className="quiet">{words.sharedAnswer}</p>
      <div className="asked" part="question">
        {shared.quoted_text && <blockquote>{shared.quoted_text}</blockquote>}
        <p>{shared.question}</p>
      </div>
      <Prose content={shared.content} />
      {shared.notices.map((notice) => (
        <p key={notice} className="quiet">
          {notice}
        </p>
      ))}
      {shared.cut && <p className="quiet">{messages.cut}</p>}
    </section>
  );
}
