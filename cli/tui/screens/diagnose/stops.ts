import type { DiagnosisFinding, NextStep } from '../../../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../../../infra/diagnoses/run.ts';
import { chosenOf, type DiagnosesState } from '../../store/diagnoses.ts';

/** Where the cursor can stand in an answer: on each finding, then on each thing to do next. */
export type Stop =
  | { readonly kind: 'finding'; readonly key: string; readonly finding: DiagnosisFinding }
  | { readonly kind: 'next'; readonly key: string; readonly step: NextStep };

export function stopsOf(answer: Diagnosed | undefined): readonly Stop[] {
  if (answer === undefined) return [];
  const isWarning = ({ severity }: DiagnosisFinding): number => Number(severity === 'warning');
  const findings = answer.findings.toSorted((a, b) => isWarning(a) - isWarning(b));
  return [
    ...findings.map((finding): Stop => ({ kind: 'finding', key: `finding ${finding.key}`, finding })),
    ...answer.next.map((step, index): Stop => ({ kind: 'next', key: `next ${index}`, step })),
  ];
}

/** By identity: a newer answer keeps the cursor on the same finding, where it still stands. */
export function stopIn(diagnoses: DiagnosesState): { readonly stops: readonly Stop[]; readonly at: number } {
  const chosen = chosenOf(diagnoses);
  const stops = stopsOf(chosen === undefined ? undefined : diagnoses.asked[chosen.id]?.answer);
  const key = chosen === undefined ? undefined : diagnoses.stops[chosen.id];
  return { stops, at: Math.max(0, key === undefined ? 0 : stops.findIndex((stop) => stop.key === key)) };
}

export function currentStop(diagnoses: DiagnosesState): Stop | undefined {
  const { stops, at } = stopIn(diagnoses);
  return stops[at];
}
