/** The panel's state, held outside React so that a stream can read what it has just changed. */

import { FIRST_STATE, type PanelAction, type PanelState, type Question, reducePanel } from "./state";

export interface PanelStore {
  read(): PanelState;
  dispatch(action: PanelAction): void;
  /** Call `onChange` after every change; returns what ends that. */
  subscribe(onChange: () => void): () => void;
}

/** Return a store in its first state. */
export function createStore(): PanelStore {
  let state = FIRST_STATE;
  const listeners = new Set<() => void>();
  return {
    read: () => state,
    dispatch(action) {
      state = reducePanel(state, action);
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

/** Call `tell` with each question that the server keeps, and its id there; the question is null where it was asked elsewhere. */
export function watchQuestions(store: PanelStore, tell: (id: string, question: Question | null) => void): void {
  let known = store.read().thread.asked;
  store.subscribe(() => {
    const { thread, question } = store.read();
    if (thread.asked === known) return;
    known = thread.asked;
    if (known !== null) tell(known, question);
  });
}
