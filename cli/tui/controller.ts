import type { Clock } from '../../infra/clock.ts';
import type { NativeCommand } from '../../infra/probes/probe.ts';
import type { Language } from '../../infra/text.ts';
import { asker } from './asker.ts';
import type { Ask } from './asking.ts';
import { pressIn, typingIn } from './dialogs/dialog.ts';
import { givingOrders } from './giving-orders.ts';
import type { Press } from './input/presses.ts';
import { type ActionId, bindingOf } from './keys.ts';
import { eventAt } from './screens/cursor.ts';
import { ownPanesIn, type ScreenOutline } from './screens/focus.ts';
import type { Opening } from './screens/screen.ts';
import { act, screenIn, withDialog } from './store/act.ts';
import type { ConsoleStore } from './store/console-store.ts';
import { type ConsoleState, type Toast, topDialog } from './store/state.ts';
import { panelOf, takingAway } from './taking-away.ts';
import { showTrace, type Trace } from './tracing.ts';

/** What keys do outside the state. */
export interface Effects {
  quit(): void;
  suspend(): void;
  /** @throws when nothing could be written. */
  copy(text: string): Promise<{ readonly file: string }>;
  prove(probeId: string): Promise<readonly NativeCommand[]>;
  /** Runs a command of labctl to its end. @param words what follows `labctl`. @throws saying why it failed. */
  order(words: readonly string[], language: Language): Promise<void>;
  readonly ask: Ask;
  readonly trace: Trace;
}

export interface Controller {
  /** The presses of one chunk of input, in their order. */
  press(presses: readonly Press[]): void;
  /** Pasted text goes into a text field, and nowhere else. */
  paste(text: string): void;
  /** Calls off what still goes on in the background. */
  stop(): void;
}

export interface ControllerOptions {
  readonly store: ConsoleStore;
  readonly screens: readonly ScreenOutline[];
  readonly effects: Effects;
  readonly clock: Clock;
}

const infoToastMs = 4_000;

export function createController({ store, screens, effects, clock }: ControllerOptions): Controller {
  const toast = (text: Toast['text'], tone: Toast['tone'], forMs = infoToastMs): void => {
    const untilMs = tone === 'plain' ? { untilMs: clock.now() + forMs } : {};
    store.update((state) => ({ ...state, toast: { text, tone, ...untilMs } }));
  };
  const taking = takingAway({ store, screens, effects, toast });
  const questions = asker({ store, ask: effects.ask, clock, toast });
  const open = (): void => {
    const opening = openingIn(store.get(), screens);
    if (opening === 'copy') taking.offerCopy();
    else if (opening === 'enlarge') store.update((state) => act(state, 'enlarge', screens));
    else if ('ask' in opening) questions.askThis(opening.ask);
    else if ('trace' in opening) void showTrace(store, effects.trace, opening.trace);
    else toast(opening.say, 'plain');
  };
  const giving = givingOrders({ store, effects, clock, toast });
  const outside: Partial<Record<ActionId, () => void>> = {
    quit: () => effects.quit(),
    suspend: () => effects.suspend(),
    prove: () => void taking.prove(),
    copy: taking.offerCopy,
    open,
    ask: questions.askChosen,
    'ask-all': questions.askAll,
    back: () => {
      if (!questions.callOffChosen()) store.update((state) => act(state, 'back', screens));
    },
    write: giving.takeOrGiveBack,
  };
  const perform = (id: ActionId): void => {
    const effect = outside[id];
    if (effect === undefined) store.update((state) => act(state, id, screens));
    else effect();
  };
  const follow = (step: Extract<ReturnType<typeof pressIn>, { close: true }>): void => {
    if (step.act !== undefined) perform(step.act);
    if (step.copy !== undefined) void taking.copy(step.copy);
    if (step.ask !== undefined) questions.askThis(step.ask);
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
    stop: questions.stop,
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

function openingIn(state: ConsoleState, screens: readonly ScreenOutline[]): Opening {
  const screen = screenIn(screens, state);
  const own = screen === undefined ? undefined : ownPanesIn(screen, state);
  if (own !== undefined) return own.open(state);
  const panel = panelOf(state, screens);
  const event = panel === undefined ? undefined : eventAt(panel, state);
  return event === undefined ? 'enlarge' : { trace: event };
}
