import { type AskingOptions, askingQuestions } from './asking.ts';
import { diagnoseId } from './screens/diagnose/own.ts';
import { openScreen } from './store/act.ts';
import { chosenOf, withChosen } from './store/diagnoses.ts';
import type { Toast } from './store/state.ts';
import { strings } from './strings.ts';

/** What keys and the palette can ask. */
export interface Asker {
  askChosen(): void;
  askAll(): void;
  /** From anywhere: the screen opens on it. @param id of a diagnosis, or all. */
  askThis(id: string): void;
  /** @returns false where there is nothing to call off. */
  callOffChosen(): boolean;
  stop(): void;
}

export function asker({
  toast,
  ...options
}: AskingOptions & { readonly toast: (text: Toast['text'], tone: Toast['tone']) => void }): Asker {
  const { store } = options;
  const questions = askingQuestions(options);
  const all = (): readonly string[] => store.get().diagnoses.list.map(({ id }) => id);
  const onScreen = (): boolean => store.get().screenId === diagnoseId;
  const here = (ids: readonly string[]): void => {
    if (onScreen()) questions.ask(ids);
    else toast(strings.askHere, 'plain');
  };
  const chosen = (): readonly string[] => {
    const one = chosenOf(store.get().diagnoses);
    return one === undefined ? [] : [one.id];
  };
  return {
    askChosen: () => here(chosen()),
    askAll: () => here(all()),
    askThis(id) {
      store.update((state) => {
        const opened = state.screenId === diagnoseId ? state : openScreen(state, diagnoseId);
        return id === 'all' ? opened : withChosen(opened, id);
      });
      questions.ask(id === 'all' ? all() : [id]);
    },
    callOffChosen: () => onScreen() && chosen().some((id) => questions.callOff(id)),
    stop: questions.stop,
  };
}
