import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConsoleStore } from './console-store.ts';
import type { ConsoleState } from './state.ts';

/** Carries the store itself, which never changes; the state in it reaches a component only through a selector. */
export const StoreContext = createContext<ConsoleStore | undefined>(undefined);

/** Redraws the component when what it selects is another value than before; selectors return parts, not new objects. */
export function useConsole<T>(select: (state: ConsoleState) => T): T {
  const store = useContext(StoreContext);
  if (store === undefined) throw new Error('no console store above this component');
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
