/** The panel: a complementary region beside the page, from its title to what the reader may rely on. */

import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { ClientOptions } from "../../contract";
import { messagesFor } from "../messages";
import type { Passage } from "../selection/passage";
import { Announcer } from "./Announcer";
import { Composer } from "./Composer";
import { MessagesContext, SiteContext } from "./context";
import type { Conversation } from "./conversation";
import { Foot } from "./Foot";
import { useCurrentPage, useFocusOnOpening, usePages, useSelectedPassage } from "./hooks";
import { Icon } from "./Icon";
import { composeQuestion } from "./question";
import { unconfirmed } from "./state";
import type { PanelStore } from "./store";
import { Transcript } from "./Transcript";
import { Welcome } from "./Welcome";

interface Props {
  host: HTMLElement;
  options: ClientOptions;
  store: PanelStore;
  conversation: Conversation;
  /** How often the panel was opened. */
  opening: number;
  onClose: () => void;
  onFollow: (href: string) => void;
}

/** Show the panel for as long as it is mounted; whether it is seen is its host's to say. */
export function Panel({ host, options, store, conversation, opening, onClose, onFollow }: Props) {
  const state = useSyncExternalStore(store.subscribe, store.read);
  const messages = useMemo(() => messagesFor(document.documentElement.lang), []);
  const pages = usePages();
  const page = useCurrentPage(host, pages);
  const site = useMemo(() => ({ pages, path: page.path, follow: onFollow }), [pages, page.path, onFollow]);
  const field = useRef<HTMLTextAreaElement>(null);
  const take = useCallback((passage: Passage) => store.dispatch({ type: "selected", passage }), [store]);
  const takeSelection = useSelectedPassage(host, take);
  useFocusOnOpening(field, opening);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening asks anew how things stand
  useEffect(() => {
    conversation.resume();
  }, [conversation, opening]);

  const ask = (text: string) => conversation.ask(composeQuestion(text, page, state.scope, store.read().passages));
  const retry = () => {
    field.current?.focus({ preventScroll: true });
    conversation.retry(composeQuestion("", page, state.scope).metadata);
  };
  const actions = { onRetry: retry, onRate: conversation.rate, onOlder: conversation.loadOlder, onAsk: ask };
  const startNew = () => {
    conversation.startNew();
    field.current?.focus();
  };
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) onClose();
  };
  const empty = state.thread.items.length === 0 && unconfirmed(state) === null;

  return (
    <MessagesContext.Provider value={messages}>
      <SiteContext.Provider value={site}>
        <div className="strip" onPointerDown={onClose} />
        <aside className="panel" aria-label={options.title} onKeyDown={closeOnEscape}>
          <header>
            <h2>{options.title}</h2>
            <HeadButton icon="add" label={messages.newConversation} onClick={startNew} />
            <HeadButton icon="close" label={messages.close} onClick={onClose} />
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the log is scrolled by keyboard too */}
          <div className="log" role="log" aria-live="off" aria-label={messages.conversation} tabIndex={0}>
            {empty ? <Welcome page={page} onAsk={ask} /> : <Transcript state={state} actions={actions} />}
          </div>
          <div onPointerDownCapture={takeSelection} onFocusCapture={takeSelection}>
            <Composer
              page={page}
              passages={state.passages}
              scope={state.scope}
              running={state.thread.turn.phase === "running"}
              placeholder={options.placeholder}
              field={field}
              onAsk={ask}
              onStop={conversation.stop}
              onScope={(scope) => store.dispatch({ type: "scoped", scope })}
              onUnselect={(passage) => store.dispatch({ type: "unselected", passage })}
            />
          </div>
          <Foot index={state.index} />
          <Announcer thread={state.thread} />
        </aside>
      </SiteContext.Provider>
    </MessagesContext.Provider>
  );
}

function HeadButton({ icon, label, onClick }: { icon: "add" | "close"; label: string; onClick: () => void }) {
  return (
    <button type="button" className="icon" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
