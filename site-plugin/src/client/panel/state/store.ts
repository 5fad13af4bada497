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
