import { relative } from 'node:path';
import { messageOf } from '../../infra/errors.ts';
import type { Effects } from './controller.ts';
import { copyChoices } from './copy-choices.ts';
import type { CopyItem } from './dialogs/kind.ts';
import { focusedPanel, ownPanesIn, type ScreenOutline } from './screens/focus.ts';
import type { Copies } from './screens/screen.ts';
import { screenIn, withDialog } from './store/act.ts';
import type { ConsoleStore } from './store/console-store.ts';
import { proofArrived } from './store/events.ts';
import { type ConsoleState, shownFrame, type Toast } from './store/state.ts';
import { strings } from './strings.ts';
import { timeOfDay } from './ui/format.ts';

/** What is taken away from the console: copies, and the native commands behind a number. */
export interface TakingAway {
  copy(item: CopyItem): Promise<void>;
  offerCopy(): void;
  prove(): Promise<void>;
}

interface TakingOptions {
  readonly store: ConsoleStore;
  readonly screens: readonly ScreenOutline[];
  readonly effects: Pick<Effects, 'copy' | 'prove'>;
  readonly toast: (text: Toast['text'], tone: Toast['tone']) => void;
}

export function takingAway({ store, screens, effects, toast }: TakingOptions): TakingAway {
  const copy = async ({ what, text }: CopyItem): Promise<void> => {
    try {
      const { file } = await effects.copy(text);
      toast(strings.copied(what, shortest(file)), 'plain');
    } catch (error) {
      toast(strings.copyFailed(messageOf(error)), 'critical');
    }
  };
  const prove = async (): Promise<void> => {
    const panel = panelOf(store.get(), screens);
    if (panel === undefined) return;
    const { probeId } = panel;
    store.update((state) => withDialog(state, { ...proofOf(state, panel), commands: 'asking' }));
    try {
      const commands = await effects.prove(probeId);
      store.update((state) => proofArrived(state, probeId, commands));
    } catch (error) {
      store.update((state) => proofArrived(state, probeId, { failed: messageOf(error) }));
    }
  };
  const offerCopy = (): void => {
    const { title, choices } = copiesIn(store.get(), screens);
    if (choices.length === 0) toast(strings.notYet, 'plain');
    else store.update((before) => withDialog(before, { kind: 'copy', panel: title, choices, selected: 0 }));
  };
  return { copy, offerCopy, prove };
}

/** As it would be typed from here. */
function shortest(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.length < file.length ? fromHere : file;
}

/** The focused panel; while one of a screen's own panes has the focus, the first panel beside it. */
export function panelOf(state: ConsoleState, screens: readonly ScreenOutline[]) {
  const screen = screenIn(screens, state);
  return screen === undefined ? undefined : (focusedPanel(screen, state) ?? screen.panels(state)[0]);
}

function copiesIn(state: ConsoleState, screens: readonly ScreenOutline[]): Copies {
  const screen = screenIn(screens, state);
  const own = screen === undefined ? undefined : ownPanesIn(screen, state);
  if (own !== undefined) return own.copies(state);
  const panel = panelOf(state, screens);
  return { title: panel?.title ?? strings.copyTitle, choices: panel === undefined ? [] : copyChoices(panel, state) };
}

function proofOf(state: ConsoleState, { title, probeId }: NonNullable<ReturnType<typeof panelOf>>) {
  const reading = shownFrame(state).readings.get(probeId);
  const takenAtMs = reading?.status === 'ok' ? reading.takenAtMs : reading?.last?.takenAtMs;
  return {
    kind: 'proof' as const,
    panel: title,
    probeId,
    selected: 0,
    ...(takenAtMs === undefined ? {} : { takenAt: timeOfDay(takenAtMs) }),
  };
}
