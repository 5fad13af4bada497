/** Bring the panel to life inside the host element, and make room for it beside the page. */

import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import type { ClientOptions } from "../../contract";
import { type Passage, readPassage, selectedRange } from "../selection/passage";
import { takeLinkedQuestion } from "../site/deep-link";
import { takeFragment } from "../site/fragment";
import { findPass } from "../site/insights-pass";
import { loadValue, saveValue } from "../site/storage";
import { connectAssistant } from "./api/assistant";
import { openConversation } from "./state/conversation";
import { openDraft } from "./state/draft";
import { createStore } from "./state/store";
import { ANSWER_STYLES } from "./view/answer-styles";
import { Panel } from "./view/Panel";
import { createShell } from "./view/shell";

/** What the panel is opened with: a passage to ask about, or a conversation of the reader's. */
export type PanelSubject = Passage | { threadId: string };

/** The panel as the launcher knows it. */
export interface PanelHandle {
  /** Show the panel with `subject`, or else with what is selected in the article as what the question is about. */
  open(subject?: PanelSubject): void;
}

/** Mount the panel into `host`; it stays mounted when closed, so that an answer goes on being written. */
export async function mountPanel(
  host: HTMLElement,
  launcher: HTMLElement,
  options: ClientOptions,
): Promise<PanelHandle> {
  const shell = createShell(host, launcher, ANSWER_STYLES);
  const store = createStore();
  const draft = openDraft();
  const conversation = openConversation(
    connectAssistant(options.assistantUrl),
    store,
    options.asked ? noteAsked : undefined,
  );
  const root = createRoot(shell.container);
  const props = { host, options, store, draft, conversation, onClose: close, onFollow: shell.follow };
  let opening = 0;
  let shareId: string | null = null;
  let first = loadValue(() => localStorage, options.asked) === null;
  let unmarked = false;

  const pass = findPass();
  if (pass) import("../page/counts").then(({ attachCounts }) => attachCounts(host, options.assistantUrl, pass));
  host.addEventListener("booklight:dispose", () => {
    root.unmount();
    shell.dispose();
  });
  return { open };

  function open(subject?: PanelSubject): void {
    const linked = takeLinkedQuestion();
    if (linked) draft.write(linked);
    const shared = takeFragment("shared");
    if (shared) {
      shareId = shared;
      conversation.startNew();
    }
    if (subject && "threadId" in subject) {
      shareId = null;
      conversation.open(subject.threadId);
    } else take(subject);
    shell.show(true);
    opening += 1;
    // At once, so that the reader can type before the next frame.
    flushSync(() => root.render(<Panel {...props} opening={opening} byLink={linked !== null} shareId={shareId} />));
  }

  function take(given?: Passage): void {
    const range = selectedRange(document);
    const passage = given ?? (range && readPassage(range, document));
    if (passage) store.dispatch({ type: "selected", passage });
  }

  function close(): void {
    shell.close();
    if (unmarked) renewMarks();
  }

  /** Remember whether anything that the reader asked is kept; but for a question's sake alone, have it marked anew. */
  function noteAsked(kept: boolean, why?: "asked"): void {
    saveValue(() => localStorage, options.asked, kept ? "1" : null);
    if (why) return;
    unmarked = true;
    // The first time of all it is marked on closing: nothing is loaded for it beside the first answer.
    if (!first) renewMarks();
    first = false;
  }

  function renewMarks(): void {
    unmarked = false;
    host.dispatchEvent(new Event("booklight:asked"));
  }
}
