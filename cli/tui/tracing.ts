import { messageOf } from '../../infra/errors.ts';
import { withDialog } from './store/act.ts';
import type { ConsoleStore } from './store/console-store.ts';
import type { ConsoleState } from './store/state.ts';

/** Where one event is, in lines for people. @param what as `labctl trace` takes it. @throws saying why nobody knows. */
export type Trace = (what: string, language: ConsoleState['language']) => Promise<readonly string[]>;

/** Opens the dialog at once; the answer fills it when it comes, unless it was closed meanwhile. */
export async function showTrace(store: ConsoleStore, trace: Trace, what: string): Promise<void> {
  const fill = (answer: readonly string[] | { readonly failed: string }): void =>
    store.update((state) => ({
      ...state,
      dialogs: state.dialogs.map((dialog) =>
        dialog.kind === 'trace' && dialog.what === what && dialog.answer === 'asking' ? { ...dialog, answer } : dialog,
      ),
    }));
  store.update((state) => withDialog(state, { kind: 'trace', what, answer: 'asking', at: 0 }));
  try {
    fill(await trace(what, store.get().language));
  } catch (error) {
    fill({ failed: messageOf(error) });
  }
}
