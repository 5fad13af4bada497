/** One conversation of the list, and what can be done with it. Only one of its three faces is shown at a time. */

import { type FormEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { messages, say } from "../../messages/messages";
import { pageLanguage } from "../../site/language";
import type { ThreadSummary } from "../api/protocol";
import { IconButton } from "../controls/IconButton";
import { ConfirmDelete } from "./ConfirmDelete";

const MAX_TITLE = 200;

interface Props {
  thread: ThreadSummary;
  current: boolean;
  onOpen: () => void;
  onRename: (title: string) => Promise<unknown>;
  /** Says whether the conversation is gone. */
  onDelete: () => Promise<boolean>;
}

/** Show a conversation by title and day; renaming and deleting happen in its place, and give the focus back. */
export function ThreadRow({ thread, current, onOpen, onRename, onDelete }: Props) {
  const [face, setFace] = useState<"shown" | "renaming" | "deleting">("shown");
  const row = useRef<HTMLLIElement>(null);
  const title = thread.title || messages.untitled;

  const leftBy = useRef<"rename" | "delete" | null>(null);

  const show = (button: "rename" | "delete") => {
    leftBy.current = button;
    setFace("shown");
  };
  useLayoutEffect(() => {
    if (face !== "shown" || !leftBy.current) return;
    row.current?.querySelector<HTMLElement>(`[data-does=${leftBy.current}]`)?.focus();
    leftBy.current = null;
  }, [face]);
  const leaveOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || face === "shown") return;
    event.stopPropagation();
    show(face === "renaming" ? "rename" : "delete");
  };
  const rename = async (words: string) => {
    if (words !== title) await onRename(words);
    show("rename");
  };
  const remove = async () => {
    if (!(await onDelete())) show("delete");
  };
  return (
    <li ref={row} aria-current={current || undefined} onKeyDown={leaveOnEscape}>
      {face === "shown" && (
        <>
          <button type="button" className="open" onClick={onOpen}>
            <span className="heading">{title}</span>
            <span className="place">
              {[dayOf(thread.created_at), current && messages.current].filter(Boolean).join(" · ")}
            </span>
          </button>
          <IconButton
            icon="rename"
            data-does="rename"
            label={say(messages.rename, { title })}
            onClick={() => setFace("renaming")}
          />
          <IconButton
            icon="delete"
            data-does="delete"
            label={say(messages.delete, { title })}
            onClick={() => setFace("deleting")}
          />
        </>
      )}
      {face === "renaming" && <Rename title={title} onSave={rename} onCancel={() => show("rename")} />}
      {face === "deleting" && (
        <ConfirmDelete question={messages.askDelete} onDelete={remove} onKeep={() => show("delete")} />
      )}
    </li>
  );
}

function Rename({ title, onSave, onCancel }: { title: string; onSave: (title: string) => void; onCancel: () => void }) {
  const [words, setWords] = useState(title);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (words.trim()) onSave(words.trim());
  };
  return (
    <form onSubmit={save}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the reader has just asked to write here
        autoFocus
        aria-label={messages.newTitle}
        maxLength={MAX_TITLE}
        value={words}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setWords(event.target.value)}
      />
      <button type="submit" className="plain">
        {messages.save}
      </button>
      <button type="button" className="plain" onClick={onCancel}>
        {messages.cancel}
      </button>
    </form>
  );
}

function dayOf(time: string): string {
  const day = new Date(time);
  if (Number.isNaN(day.getTime())) return "";
  return new Intl.DateTimeFormat(pageLanguage(), { dateStyle: "medium" }).format(day);
}
