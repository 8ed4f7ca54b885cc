import type { ConsoleState } from './state.ts';

/** Holds the console's state and tells React when it changed; see hooks.ts. One per console, no module state. */
export interface ConsoleStore {
  get(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  subscribe(listener: () => void): () => void;
}

export function createConsoleStore(initial: ConsoleState): ConsoleStore {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    update(change) {
      const next = change(state);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
