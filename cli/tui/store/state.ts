import type { StoreSnapshot } from '../../../infra/probes/store.ts';
import type { Language, Text } from '../../../infra/text.ts';
import type { Dialog } from '../dialogs/dialog.ts';
import type { DiagnosesState, DiagnosisOutline } from './diagnoses.ts';
import { type StartUp, startUpFrom } from './start-up.ts';

/** Everything the console shows, in one immutable value outside React. Components select from it and never change it. */
export interface ConsoleState {
  readonly language: Language;
  readonly profile: string;
  readonly size: Size;
  /** The wall clock as of the last tick: components draw no time of their own. */
  readonly nowMs: number;
  readonly openedAtMs: number;
  /** What the probes say, live. Screens draw `shownFrame`, which stands still while frozen. */
  readonly frame: StoreSnapshot;
  readonly frozen?: { readonly sinceMs: number; readonly frame: StoreSnapshot };
  readonly startUp: StartUp;
  /** The start-up is shown until the stack answers, or until the operator asks for a screen. */
  readonly startUpShown: boolean;
  readonly screenId: string;
  /** The focused panel of each screen. */
  readonly focus: Readonly<Record<string, string>>;
  /** The row of each panel that the cursor is on; see Span. */
  readonly cursors: Readonly<Record<string, string>>;
  readonly diagnoses: DiagnosesState;
  readonly enlarged: boolean;
  /** First line in sight of the enlarged panel. */
  readonly scroll: number;
  /** The last one is on top and has the keyboard. */
  readonly dialogs: readonly Dialog[];
  readonly toast?: Toast;
  /** What is broken on purpose, the soonest healed first. */
  readonly faults: readonly ShownFault[];
  /** Until then the lab may be changed, each time after a yes. Absent: read-only. */
  readonly writeUntilMs?: number;
}

export interface ShownFault {
  readonly id: string;
  readonly who: string;
  readonly kind: string;
  readonly target: string;
  readonly expiresAtMs: number;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Toast {
  readonly text: Text;
  readonly tone: 'plain' | 'critical';
  /** Absent: stays until dismissed, as errors do. */
  readonly untilMs?: number;
}

export function initialState(options: {
  readonly language: Language;
  readonly profile: string;
  readonly size: Size;
  readonly screenId: string;
  readonly isStarting: boolean;
  readonly diagnoses: readonly DiagnosisOutline[];
  readonly frame: StoreSnapshot;
  readonly nowMs: number;
}): ConsoleState {
  const { isStarting, nowMs, diagnoses, ...rest } = options;
  return {
    ...rest,
    nowMs,
    openedAtMs: nowMs,
    startUp: startUpFrom(isStarting ? 'running' : 'none', nowMs),
    startUpShown: isStarting,
    focus: {},
    cursors: {},
    diagnoses: { list: diagnoses, asked: {}, stops: {} },
    enlarged: false,
    scroll: 0,
    dialogs: [],
    faults: [],
  };
}

/** What the screens draw: the live frame, or the one that was there when the operator froze it. */
export const shownFrame = (state: ConsoleState): StoreSnapshot => state.frozen?.frame ?? state.frame;
/** The moment the shown frame is drawn for: ages stand still while frozen. */
export const shownAtMs = (state: ConsoleState): number => state.frozen?.sinceMs ?? state.nowMs;

const writeLeaseMs = 5 * 60_000;

export const mayWrite = ({ writeUntilMs }: ConsoleState, nowMs: number): boolean =>
  writeUntilMs !== undefined && nowMs < writeUntilMs;

export const writing = (state: ConsoleState, nowMs: number): ConsoleState => ({
  ...state,
  writeUntilMs: nowMs + writeLeaseMs,
});

export function readingOnly(state: ConsoleState): ConsoleState {
  const { writeUntilMs: _, ...rest } = state;
  return rest;
}

export const topDialog = (state: ConsoleState): Dialog | undefined => state.dialogs.at(-1);
