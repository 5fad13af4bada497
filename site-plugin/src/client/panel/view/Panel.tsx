/** The panel: a complementary region beside the page, from its title to what the reader may rely on. */

import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { ClientOptions } from "../../../contract";
import type { Follow } from "../../highlight/highlighter";
import type { Passage } from "../../selection/passage";
import type { Suggestion } from "../../site/page";
import { SiteContext } from "../context/context";
import { lazily, useLazy } from "../context/lazy";
import type { Conversation } from "../state/conversation";
import type { Draft } from "../state/draft";
import { composeQuestion } from "../state/question";
import { unconfirmed } from "../state/state";
import type { PanelStore } from "../state/store";
import { Announcer } from "./Announcer";
import { Prose } from "./Answer";
import { useAgreement } from "./agreement";
import { Composer } from "./Composer";
import { Consent } from "./Consent";
import { Earlier } from "./Earlier";
import { Foot } from "./Foot";
import { Head } from "./Head";
import { useAwake, useCurrentPage, useFocusOnOpening, usePages, useSelectedPassage } from "./hooks";
import { Log } from "./Log";
import { Transcript } from "./Transcript";
import { Welcome } from "./Welcome";

const sharedTurn = lazily(() => import("./SharedTurn"));

interface Props {
  host: HTMLElement;
  options: ClientOptions;
  store: PanelStore;
  draft: Draft;
  conversation: Conversation;
  /** How often the panel was opened. */
  opening: number;
  /** Whether it was a link in the address that opened it now. */
  byLink: boolean;
  /** The id of the shared answer that a link has brought, if one has. */
  shareId?: string | null;
  onClose: () => void;
  onFollow: Follow;
}

/** Show the panel for as long as it is mounted; whether it is seen is its host's to say. */
export function Panel({
  host,
  options,
  store,
  draft,
  conversation,
  opening,
  byLink,
  shareId = null,
  onClose,
  onFollow,
}: Props) {
  const { title, avatar = null, consent = null } = options;
  const state = useSyncExternalStore(store.subscribe, store.read);
  const pages = usePages();
  const page = useCurrentPage(host, pages);
  const site = useMemo(() => ({ pages, path: page.path, follow: onFollow }), [pages, page.path, onFollow]);
  const field = useRef<HTMLTextAreaElement>(null);
  const past = useRef<HTMLButtonElement>(null);
  const [listing, setListing] = useState(false);
  const take = useCallback((passage: Passage) => store.dispatch({ type: "selected", passage }), [store]);
  const takeSelection = useSelectedPassage(host, take);
  useFocusOnOpening(field, opening);
  const awake = useAwake(host, opening, byLink);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening asks anew how things stand
  useEffect(() => {
    setListing(false);
    if (awake) conversation.resume();
  }, [conversation, opening, awake]);

  const focusField = () => {
    // On a phone the focus would bring up the keyboard over what was just asked for.
    if (!matchMedia("(pointer: coarse)").matches)
      requestAnimationFrame(() => field.current?.focus({ preventScroll: true }));
  };
  const send = ({ text, about }: Suggestion) => {
    conversation.ask(composeQuestion(text, page, state.scope, store.read().passages, about));
    focusField();
  };
  const keep = ({ text }: Suggestion) => {
    draft.write(text);
    focusField();
  };
  const { waiting, ask, agree, decline } = useAgreement(consent, send, keep);
  const retry = () => {
    field.current?.focus({ preventScroll: true });
    conversation.retry(composeQuestion("", page, state.scope).metadata);
  };
  const showConversation = () => {
    setListing(false);
    focusField();
  };
  const [left, leave] = useState<string | null>(null);
  const reading = shareId !== null && shareId !== left;
  const open = (threadId: string) => {
    leave(shareId);
    conversation.open(threadId);
    showConversation();
  };
  const startNew = () => {
    leave(shareId);
    conversation.startNew();
    showConversation();
  };
  const toggleList = () => (listing ? showConversation() : setListing(true));
  const leaveOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    if (!listing) return onClose();
    setListing(false);
    past.current?.focus();
  };
  const { assistant } = conversation;
  const actions = { assistant, onRetry: retry, onRate: conversation.rate, onOlder: conversation.loadOlder, onAsk: ask };
  const shared = useLazy(sharedTurn, reading);
  const known = awake && conversation.knowsReader() ? conversation.threads : null;

  return (
    <SiteContext.Provider value={site}>
      <div className="strip" onPointerDown={onClose} />
      <aside className="panel" part="panel" aria-label={title} onKeyDown={leaveOnEscape}>
        <Head
          title={title}
          avatar={avatar}
          listing={listing}
          past={past}
          onNew={startNew}
          onList={toggleList}
          onClose={onClose}
        />
        {listing && (
          <Earlier
            actions={conversation.threads}
            current={state.thread.id}
            path={page.path}
            onOpen={open}
            onGone={conversation.startNew}
          />
        )}
        <Log hidden={listing}>
          {reading && shared && <shared.SharedTurn shareId={shareId} assistant={assistant} Prose={Prose} />}
          {!isEmpty() ? (
            <Transcript state={state} actions={actions} />
          ) : (
            !reading && <Welcome page={page} avatar={avatar} threads={known} onAsk={ask} onOpen={open} />
          )}
        </Log>
        {waiting !== null && consent !== null && (
          <Consent note={consent} question={waiting.text} onAgree={agree} onDecline={decline} />
        )}
        <div hidden={listing || waiting !== null} onPointerDownCapture={takeSelection} onFocusCapture={takeSelection}>
          <Composer
            page={page}
            passages={state.passages}
            scope={state.scope}
            running={state.thread.turn.phase === "running"}
            draft={draft}
            field={field}
            onAsk={(text) => ask({ text, about: null })}
            onStop={conversation.stop}
            onScope={(scope) => store.dispatch({ type: "scoped", scope })}
            onUnselect={(passage) => store.dispatch({ type: "unselected", passage })}
          />
        </div>
        <Foot index={state.index} />
        <Announcer thread={state.thread} />
      </aside>
    </SiteContext.Provider>
  );

  function isEmpty(): boolean {
    const { id, items, turn } = state.thread;
    return id === null && items.length === 0 && unconfirmed(state) === null && turn.phase !== "failed";
  }
}
