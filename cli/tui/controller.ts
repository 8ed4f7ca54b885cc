import { relative } from 'node:path';
import type { Clock } from '../../infra/clock.ts';
import { messageOf } from '../../infra/errors.ts';
import type { NativeCommand } from '../../infra/probes/probe.ts';
import type { Language } from '../../infra/text.ts';
import { copyChoices } from './copy-choices.ts';
import { pressIn, typingIn } from './dialogs/dialog.ts';
import type { CopyItem } from './dialogs/kind.ts';
import { givingOrders } from './giving-orders.ts';
import type { Press } from './input/presses.ts';
import { type ActionId, bindingOf } from './keys.ts';
import { focusedPanel } from './screens/enlarged.ts';
import { act, type ScreenOutline, withDialog } from './store/act.ts';
import type { ConsoleStore } from './store/console-store.ts';
import { proofArrived } from './store/events.ts';
import { type ConsoleState, shownFrame, type Toast, topDialog } from './store/state.ts';
import { strings } from './strings.ts';
import { timeOfDay } from './ui/format.ts';

/** What keys do outside the state. */
export interface Effects {
  quit(): void;
  suspend(): void;
  /** @throws when nothing could be written. */
  copy(text: string): Promise<{ readonly file: string }>;
  prove(probeId: string): Promise<readonly NativeCommand[]>;
  /** Runs a command of labctl to its end. @param words what follows `labctl`. @throws saying why it failed. */
  order(words: readonly string[], language: Language): Promise<void>;
}

export interface Controller {
  /** The presses of one chunk of input, in their order. */
  press(presses: readonly Press[]): void;
  /** Pasted text goes into a text field, and nowhere else. */
  paste(text: string): void;
}

export interface ControllerOptions {
  readonly store: ConsoleStore;
  readonly screens: readonly ScreenOutline[];
  readonly effects: Effects;
  readonly clock: Clock;
}

/** As it would be typed from here. */
function shortest(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.length < file.length ? fromHere : file;
}

const infoToastMs = 4_000;

export function createController({ store, screens, effects, clock }: ControllerOptions): Controller {
  const toast = (text: Toast['text'], tone: Toast['tone'], forMs = infoToastMs): void => {
    const untilMs = tone === 'plain' ? { untilMs: clock.now() + forMs } : {};
    store.update((state) => ({ ...state, toast: { text, tone, ...untilMs } }));
  };
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
    const state = store.get();
    const panel = panelOf(state, screens);
    const choices = panel === undefined ? [] : copyChoices(panel, state);
    if (panel === undefined || choices.length === 0) toast(strings.notYet, 'plain');
    else store.update((before) => withDialog(before, { kind: 'copy', panel: panel.title, choices, selected: 0 }));
  };
  const giving = givingOrders({ store, effects, clock, toast });
  const outside: Partial<Record<ActionId, () => void>> = {
    quit: () => effects.quit(),
    suspend: () => effects.suspend(),
    prove: () => void prove(),
    copy: offerCopy,
    write: giving.takeOrGiveBack,
  };
  const perform = (id: ActionId): void => {
    const effect = outside[id];
    if (effect === undefined) store.update((state) => act(state, id, screens));
    else effect();
  };
  const follow = (step: Extract<ReturnType<typeof pressIn>, { close: true }>): void => {
    if (step.act !== undefined) perform(step.act);
    if (step.copy !== undefined) void copy(step.copy);
    if (step.faults === true) store.update(withFaults);
    if (step.order !== undefined) giving.confirm(step.order);
    if (step.run !== undefined) void giving.run(step.run);
  };
  const pressOne = (press: Press): void => {
    const state = store.get();
    const dialog = topDialog(state);
    if (dialog === undefined) {
      const binding = bindingOf(press.name);
      if (binding !== undefined) perform(binding.id);
      return;
    }
    const step = pressIn(dialog, press, state.language);
    const rest = state.dialogs.slice(0, -1);
    if ('dialog' in step) {
      store.update((before) => ({ ...before, dialogs: [...rest, step.dialog] }));
      return;
    }
    store.update((before) => ({ ...before, dialogs: rest }));
    follow(step);
  };
  return {
    press(presses) {
      const mode = modeOf(store.get()).name;
      for (const press of presses) {
        const now = modeOf(store.get());
        // A key that opened something must not leak the rest of its chunk into it. Letters may follow into a text
        // field, where they harm nobody; Enter, which would run something, may not.
        if (now.name !== mode && !(now.typing && press.text !== undefined && press.text !== '')) return;
        pressOne(press);
      }
    },
    paste(text) {
      if (modeOf(store.get()).typing) pressOne({ name: 'paste', text: text.replaceAll(/\s+/g, ' ').trim() });
    },
  };
}

const withFaults = (state: ConsoleState): ConsoleState =>
  withDialog(state, { kind: 'faults', faults: state.faults, nowMs: state.nowMs, at: 0 });

/** Who has the keyboard. */
function modeOf(state: ConsoleState): { readonly name: string; readonly typing: boolean } {
  const dialog = topDialog(state);
  const typing = dialog !== undefined && typingIn(dialog);
  return { name: `${state.dialogs.length} ${dialog?.kind} ${typing}`, typing };
}

function panelOf(state: ConsoleState, screens: readonly ScreenOutline[]) {
  const screen = screens.find(({ id }) => id === state.screenId);
  return screen === undefined ? undefined : focusedPanel(screen, state.focus);
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
