import type { AskProgress, Diagnosis } from '../../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../../infra/diagnoses/run.ts';
import { notMapped, notPermitted } from '../../../infra/probes/reading.ts';
import type { ConsoleState } from './state.ts';

/** What the console needs to know of a diagnosis to offer it. */
export type DiagnosisOutline = Pick<Diagnosis, 'id' | 'title' | 'question' | 'probes' | 'narrowsBy'>;

/** The diagnoses, what they last answered, and which one the operator looks at. */
export interface DiagnosesState {
  readonly list: readonly DiagnosisOutline[];
  /** By id; absent: never asked by this console. */
  readonly asked: Readonly<Record<string, Asked>>;
  /** Absent: the first of the list. */
  readonly chosenId?: string;
  /** The row of each answer that the cursor is on, by diagnosis; see screens/diagnose/stops.ts. */
  readonly stops: Readonly<Record<string, string>>;
}

export interface Asked {
  /** Stays until there is a newer one, also while it is asked again. */
  readonly answer?: Diagnosed;
  /** The last time, no answer came at all. */
  readonly failure?: { readonly reason: string; readonly atMs: number };
  readonly asking?: Asking;
}

export interface Asking {
  /** waiting: others are asked first. */
  readonly phase: 'waiting' | 'running';
  readonly sinceMs: number;
  readonly progress?: AskProgress;
}

/** What the target simply lacks, or the account may not read: no trouble, and nothing to look at. */
export const isLacking = (answer: Diagnosed | undefined): boolean =>
  answer?.reason !== undefined && [notMapped, notPermitted].some((lack) => answer.reason?.startsWith(lack) === true);

/** In their order, those that this target cannot answer last. */
export function listed({ list, asked }: DiagnosesState): readonly DiagnosisOutline[] {
  return list.toSorted((a, b) => Number(isLacking(asked[a.id]?.answer)) - Number(isLacking(asked[b.id]?.answer)));
}

export function chosenOf(diagnoses: DiagnosesState): DiagnosisOutline | undefined {
  const inOrder = listed(diagnoses);
  return inOrder.find(({ id }) => id === diagnoses.chosenId) ?? inOrder[0];
}

/** The diagnosis to ask about what a probe shows: the one for which it is the first evidence. */
export function diagnosisFor(list: readonly DiagnosisOutline[], probeId: string): DiagnosisOutline | undefined {
  const placeIn = ({ probes }: DiagnosisOutline): number => (probes as readonly string[]).indexOf(probeId);
  return list.filter((one) => placeIn(one) >= 0).toSorted((a, b) => placeIn(a) - placeIn(b))[0];
}

export const withChosen = (state: ConsoleState, chosenId: string): ConsoleState => ({
  ...state,
  diagnoses: { ...state.diagnoses, chosenId },
});

/** Pure changes of what is known of one diagnosis. */
function changed(state: ConsoleState, id: string, change: (before: Asked) => Asked): ConsoleState {
  const { diagnoses } = state;
  const before = diagnoses.asked[id] ?? {};
  const after = change(before);
  if (after === before) return state;
  return { ...state, diagnoses: { ...diagnoses, asked: { ...diagnoses.asked, [id]: after } } };
}

export const asking = (state: ConsoleState, id: string, now: Asking): ConsoleState =>
  changed(state, id, (before) => ({ ...before, asking: now }));

/** Something that was called off meanwhile makes no progress. */
export const progressed = (state: ConsoleState, id: string, progress: AskProgress): ConsoleState =>
  changed(state, id, (before) =>
    before.asking === undefined ? before : { ...before, asking: { ...before.asking, progress } },
  );

export const answered = (state: ConsoleState, id: string, answer: Diagnosed): ConsoleState =>
  changed(state, id, () => ({ answer }));

export const notAnswered = (state: ConsoleState, id: string, failure: NonNullable<Asked['failure']>): ConsoleState =>
  changed(state, id, (before) => ({ ...withoutAsking(before), failure }));

export const calledOff = (state: ConsoleState, id: string): ConsoleState => changed(state, id, withoutAsking);

function withoutAsking(before: Asked): Asked {
  const { asking: _, ...rest } = before;
  return rest;
}
