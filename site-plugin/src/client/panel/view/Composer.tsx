/** Where the reader asks: what the question is about, its words, and where to look. */

import {
  type FormEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useLayoutEffect,
  useSyncExternalStore,
} from "react";
import { messages, say } from "../../messages/messages";
import type { Passage } from "../../selection/passage";
import type { Scope } from "../../site/page";
import { type CurrentPage, scopesOf } from "../../site/page";
import { Icon } from "../controls/Icon";
import type { Draft } from "../state/draft";
import { PassageLink } from "./PassageLink";

const MAX_QUESTION = 8_000;
/** How much of a passage a chip can hold. */
const SHOWN = 300;
/** What Safari calls the Enter that ends a composition, after it has ended. */
const COMPOSING = 229;

interface Props {
  page: CurrentPage;
  passages: readonly Passage[];
  scope: Scope;
  running: boolean;
  draft: Draft;
  field: RefObject<HTMLTextAreaElement | null>;
  onAsk: (text: string) => void;
  onStop: () => void;
  onScope: (scope: Scope) => void;
  onUnselect: (passage: Passage) => void;
}

/** The composer; Enter asks, Shift+Enter begins a line, and a draft survives a running answer. */
export function Composer(props: Props) {
  const draft = useSyncExternalStore(props.draft.subscribe, props.draft.read);
  const empty = draft.trim() === "";

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (empty || props.running) return;
    props.draft.write("");
    props.onAsk(draft.trim());
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.nativeEvent.isComposing || event.keyCode === COMPOSING) return;
    event.preventDefault();
    submit();
  };
  useGrowth(props.field, draft);

  return (
    <form className="composer" part="composer" onSubmit={submit}>
      <Chips page={props.page} passages={props.passages} onUnselect={props.onUnselect} />
      <textarea
        ref={props.field}
        rows={1}
        aria-label={messages.yourQuestion}
        placeholder={messages.placeholder}
        maxLength={MAX_QUESTION}
        value={draft}
        onChange={(event) => props.draft.write(event.target.value)}
        onKeyDown={pressed}
      />
      <div className="row">
        <ScopeChoice page={props.page} scope={props.scope} onScope={props.onScope} />
        <SendButton running={props.running} empty={empty} onStop={props.onStop} />
      </div>
    </form>
  );
}

/**
 * Ask, or stop while an answer is being written. It is one element, so that it keeps the focus; a press on Stop must not
 * go on to send the draft once the element has become Ask.
 */
function SendButton({ running, empty, onStop }: { running: boolean; empty: boolean; onStop: () => void }) {
  const stop = (event: MouseEvent) => {
    event.preventDefault();
    onStop();
  };
  const label = running ? messages.stop : messages.ask;
  return (
    <button
      type="submit"
      className="send"
      part="send"
      aria-label={label}
      title={running ? label : messages.send}
      aria-disabled={!running && empty}
      onClick={running ? stop : undefined}
    >
      <Icon name={running ? "stop" : "send"} />
    </button>
  );
}

/** Let the field grow with its text, up to what its styles allow. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height depends on the text that was rendered
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [field, text]);
}

function Chips({ page, passages, onUnselect }: Pick<Props, "page" | "passages" | "onUnselect">) {
  return (
    <div className="chips">
      <span className="chip page" title={page.title && say(messages.aboutPage, { title: page.title })}>
        <Icon name="page" />
        <span className="words">{page.title || messages.wholeBook}</span>
      </span>
      {passages.map((passage) => (
        <span key={passage.path + passage.text} className="chip selection">
          <PassageLink passage={passage}>“{passage.text.slice(0, SHOWN)}”</PassageLink>
          <button type="button" aria-label={messages.removeSelection} onClick={() => onUnselect(passage)}>
            <Icon name="close" />
          </button>
        </span>
      ))}
    </div>
  );
}

function ScopeChoice({ page, scope, onScope }: Pick<Props, "page" | "scope" | "onScope">) {
  const scopes = scopesOf(page);
  if (scopes.length === 1) return <span className="scope">{messages.scopeBook}</span>;
  return (
    <span className="scope">
      <select
        aria-label={messages.scopeLabel}
        value={scopes.includes(scope) ? scope : "full_book"}
        onChange={(event) => onScope(event.target.value as Scope)}
      >
        {scopes.map((each) => (
          <option key={each} value={each}>
            {nameScope(each, page)}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  );
}

function nameScope(scope: Scope, page: CurrentPage): string {
  switch (scope) {
    case "current_page":
      return messages.scopePage;
    case "current_chapter":
      return messages.scopeChapter;
    case "full_book":
      return page.chapter === null ? messages.scopeBook : messages.scopeBookChapterFirst;
  }
}
