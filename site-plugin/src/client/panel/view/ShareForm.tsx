/** Sharing an answer: what whoever has the link can read, and the ways to make a link and to end all of them. */

import words from "@generated/docusaurus-plugin-booklight/default/share.json";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { messages, say } from "../../messages/messages";
import { copyText } from "../../site/clipboard";
import { pageLanguage } from "../../site/language";
import { report } from "../../site/report";
import type { Assistant } from "../api/assistant";
import type { AssistantMessage } from "../api/protocol";
import { endLinks, loadShareState, makeLink, type ShareLink } from "../api/shares";

interface Props {
  item: AssistantMessage;
  sharer: Assistant;
  onClose: () => void;
}

/** Show what sharing means and how the answer is shared; nothing is before the reader says so. */
export function ShareForm({ item, sharer, onClose }: Props) {
  const [link, setLink] = useState<ShareLink | null>(null);
  const [shared, setShared] = useState(false);
  const [said, setSaid] = useState("");
  const form = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is said makes it longer
  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" });
  }, [said]);
  useEffect(() => {
    let left = false;
    loadShareState(sharer, item).then(
      ({ expires_at }) => {
        if (left || expires_at === null) return;
        setShared(true);
        setSaid((now) => now || until(words.sharedUntil, expires_at));
      },
      (error) => report("how an answer is shared is not known", error),
    );
    return () => {
      left = true;
    };
  }, [sharer, item]);

  const doOrTell = async (work: () => Promise<string>) => {
    try {
      setSaid(await work());
    } catch (error) {
      report("the sharing of an answer was not changed", error);
      setSaid(messages.notDone);
    }
  };
  const copy = () =>
    doOrTell(async () => {
      const made = link ? Promise.resolve(link) : makeLink(sharer, item);
      const copied = copyText(made.then(({ url }) => url)).then(
        () => true,
        () => false,
      );
      const { expiresAt } = keep(await made);
      return until((await copied) ? words.linkCopied : words.sharedUntil, expiresAt);
    });
  const keep = (made: ShareLink) => {
    setLink(made);
    setShared(true);
    return made;
  };
  const end = () =>
    doOrTell(async () => {
      await endLinks(sharer, item);
      setLink(null);
      setShared(false);
      return words.shareEnded;
    });
  const leaveOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would look like one
    <div
      ref={form}
      className="reason"
      style={{ order: 1 }}
      role="group"
      aria-label={messages.share}
      onKeyDown={leaveOnEscape}
    >
      <div style={{ display: "grid", gap: "8px", flex: 1 }}>
        <p>{words.shareNote}</p>
        {link && <LinkField url={link.url} />}
        <div className="choices">
          {/* biome-ignore lint/a11y/noAutofocus: the reader has just asked for this */}
          <button type="button" className="plain" autoFocus onClick={copy}>
            {words.copyLink}
          </button>
          {shared && (
            <button type="button" className="plain" onClick={end}>
              {words.stopSharing}
            </button>
          )}
        </div>
        <p className="quiet" role="status">
          {said}
        </p>
      </div>
    </div>
  );
}

/** The link itself, for browsers that do not let it be copied, and for who wants to see it. */
function LinkField({ url }: { url: string }) {
  return <input readOnly aria-label={words.copyLink} value={url} onFocus={(event) => event.target.select()} />;
}

function until(sentence: string, time: string): string {
  const day = new Intl.DateTimeFormat(pageLanguage(), { dateStyle: "long" }).format(new Date(time));
  return say(sentence, { date: day });
}
