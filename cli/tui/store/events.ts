import type { NativeCommand } from '../../../infra/probes/probe.ts';
import { readingOf, type StoreSnapshot } from '../../../infra/probes/store.ts';
import type { StackEvent } from '../../../infra/stack/stack.ts';
import type { ProofDialog } from '../dialogs/proof.ts';
import { withoutToast } from './act.ts';
import { afterEvent, type Failure } from './start-up.ts';
import type { ConsoleState, Size } from './state.ts';

/** Pure changes of the state by what comes from outside: time, readings, the start-up, the terminal. */

/** One tick: the newest readings and the clock in one change, so that a tick costs one redraw. */
export function ticked(
  state: ConsoleState,
  {
    frame,
    nowMs,
    faults = state.faults,
  }: { readonly frame: StoreSnapshot; readonly nowMs: number; readonly faults?: ConsoleState['faults'] },
) {
  const next: ConsoleState = { ...state, frame, nowMs, faults };
  const shown = next.startUpShown && next.startUp.phase !== 'failed' && isAnswering(frame);
  const current = shown ? { ...next, startUpShown: false } : next;
  return current.toast?.untilMs !== undefined && current.toast.untilMs <= nowMs ? withoutToast(current) : current;
}

/** All engines of the stack answer their own protocol. */
export function isAnswering(frame: StoreSnapshot): boolean {
  const health = readingOf(frame, 'stack.health');
  return (
    health?.status === 'ok' &&
    health.value.engines.length > 0 &&
    health.value.engines.every(({ answer }) => answer.serves === true)
  );
}

export function startUpHeard(state: ConsoleState, events: readonly StackEvent[], nowMs: number): ConsoleState {
  const startUp = events.reduce((before, event) => afterEvent(before, event, nowMs), state.startUp);
  return { ...state, nowMs, startUp };
}

/** The stack is up: its Overview fills as the probes answer. */
export function startUpDone(state: ConsoleState): ConsoleState {
  return { ...state, startUp: { ...state.startUp, phase: 'done' }, startUpShown: false };
}

export function startUpFailed(state: ConsoleState, failure: Failure): ConsoleState {
  return { ...state, startUp: { ...state.startUp, phase: 'failed', failure } };
}

export function resized(state: ConsoleState, size: Size): ConsoleState {
  const isSame = state.size.columns === size.columns && state.size.rows === size.rows;
  return isSame ? state : { ...state, size, scroll: 0 };
}

/** The commands arrived; the dialog may have been closed meanwhile, or be another panel's. */
export function proofArrived(
  state: ConsoleState,
  probeId: string,
  commands: readonly NativeCommand[] | { readonly failed: string },
): ConsoleState {
  const dialogs = state.dialogs.map((dialog) =>
    dialog.kind === 'proof' && dialog.probeId === probeId ? ({ ...dialog, commands } satisfies ProofDialog) : dialog,
  );
  return { ...state, dialogs };
}
