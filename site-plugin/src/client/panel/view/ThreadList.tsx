/** The reader's earlier conversations: found by title or by page, opened, renamed and deleted. Loaded when asked for. */

import { useEffect, useId, useMemo, useRef, useState } from "react";
import { messages, say } from "../../messages/messages";
import type { ThreadActions } from "../api/threads";
import { matchTitles } from "../api/threads";
import { DeleteAll } from "./DeleteAll";
import { ThreadRow } from "./ThreadRow";
import { useThreads } from "./useThreads";

interface Props {
  actions: ThreadActions;
  /** The conversation now open, if there is one. */
  current: string | null;
  /** The page the reader is on. */
  path: string;
  onOpen: (threadId: string) => void;
  /** Called when the open conversation is no more. */
  onGone: () => void;
}

/** List the conversations; the search looks through all of them, however many pages that takes. */
export default function ThreadList({ actions, current, path, onOpen, onGone }: Props) {
  const [words, setWords] = useState("");
  const [here, setHere] = useState(false);
  const list = useThreads(actions, here ? path : null, words.trim() !== "");
  const found = useMemo(() => matchTitles(list.threads, words), [list.threads, words]);
  const search = useRef<HTMLInputElement>(null);
  const heading = useId();
  useEffect(() => search.current?.focus(), []);

  const remove = async (threadId: string) => {
    const gone = await list.remove(threadId);
    if (gone) search.current?.focus();
    if (gone && threadId === current) onGone();
    return gone;
  };
  const removeAll = async () => {
    const gone = await list.removeAll();
    if (gone) search.current?.focus();
    if (gone && current !== null) onGone();
  };
  return (
    <section className="history" aria-labelledby={heading}>
      <h3 id={heading}>{messages.history}</h3>
      <input
        ref={search}
        type="search"
        aria-label={messages.searchTitles}
        placeholder={messages.searchTitles}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <label className="only">
        <input type="checkbox" checked={here} onChange={(event) => setHere(event.target.checked)} />
        {messages.onlyThisPage}
      </label>
      {found.length > 0 && (
        <ul className="threads" aria-labelledby={heading}>
          {found.map((thread) => (
            <ThreadRow
              key={thread.id}
              thread={thread}
              current={thread.id === current}
              onOpen={() => onOpen(thread.id)}
              onRename={(title) => list.rename(thread.id, title)}
              onDelete={() => remove(thread.id)}
            />
          ))}
        </ul>
      )}
      <p className="quiet" role="status">
        {statusLine()}
      </p>
      {list.more && words.trim() === "" && (
        <button type="button" className="plain" onClick={list.loadMore}>
          {messages.showMore}
        </button>
      )}
      {list.failed && (
        <button type="button" className="plain" onClick={list.loadMore}>
          {messages.retry}
        </button>
      )}
      {list.threads.length > 0 && !here && words.trim() === "" && <DeleteAll onDelete={removeAll} />}
    </section>
  );

  function statusLine(): string {
    if (list.said !== null) return messages[list.said];
    if (list.loading) return "\u00a0";
    if (found.length > 0) return words.trim() ? say(messages.conversationsFound, { count: found.length }) : "";
    return words.trim() ? messages.noMatches : messages.noConversations;
  }
}
