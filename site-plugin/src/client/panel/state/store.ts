/** The panel's state, held outside React so that a stream can read what it has just changed. */

import { FIRST_STATE, type PanelAction, type PanelState, reducePanel } from "./state";

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

/** Call `tell` with what `read` finds in the store's state whenever that has become another. */
export function watch<T>(
  store: PanelStore,
  read: (state: PanelState) => T,
  tell: (found: T, state: PanelState) => void,
): void {
  let known = read(store.read());
  store.subscribe(() => {
    const state = store.read();
    const found = read(state);
    if (found === known) return;
    known = found;
    tell(found, state);
  });
}
