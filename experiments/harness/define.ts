import type { Text } from '../../infra/text.ts';
import type { WorkerSpec } from '../../workers/supervisor/pipeline.ts';
import type { Checker } from './checkers/checker.ts';
import type { DiagnosisComparison } from './diagnosed.ts';
import type { Expectation } from './verdict.ts';
import type { Witness } from './witnesses.ts';

/**
 * An experiment is data: what to run, what to break, how to judge it. It never touches an engine itself, so listing
 * experiments loads no client.
 */
export interface Experiment {
  readonly id: `E-${string}`;
  readonly title: Text;
  /** The document beside it, from the package root. */
  readonly document: string;
  /** shared: beside anything; quiet: nobody else measures or loads; exclusive: breaks engines. */
  readonly needs: 'shared' | 'quiet' | 'exclusive';
  /** Goal for a fast run on two cores. */
  readonly secondsFast: number;
  /** In the order they run; every arm has a scope of its own. */
  readonly arms: readonly Arm[];
}

export interface Arm {
  /** Lower-case, unique within the experiment; names its folders. */
  readonly name: string;
  readonly title: Text;
  readonly expects: Expectation;
  readonly plan: (run: RunParameters) => ArmPlan;
  readonly checkers: readonly Checker[];
  /** Names of the checkers whose failing is the anomaly this arm must reproduce; all others must pass. */
  readonly anomalies?: readonly string[];
  readonly witnesses: readonly Witness[];
  /** Asked when all has settled; each must name exactly what the recorded rows hold. */
  readonly diagnoses?: readonly DiagnosisComparison[];
  /** True: the workers trace, and the report shows how long each stage took. */
  readonly measuresLatency?: boolean;
}

export interface RunParameters {
  readonly fast: boolean;
  readonly seed: number;
  /** Unique to the arm of this run and short: transaction ids begin with it. */
  readonly armId: string;
}

/** One arm with its sizes: a pure function of size and seed, so that a recorded run can be judged again. */
export interface ArmPlan {
  readonly accounts: { readonly first: number; readonly count: number };
  /** How many transfers the workload tries. */
  readonly transfers: number;
  /** Up and ready before the gate; their failpoints are the faults. */
  readonly services: readonly WorkerSpec[];
  /** Started only when the gate is met. */
  readonly workload: WorkerSpec;
  readonly workloadTimeoutMs: number;
}

/** The plan of an arm of a run. The arm's id is made from the run's token and its place. */
export function planOf(
  arm: Arm,
  { fast, seed, token, index }: { fast: boolean; seed: number; token: string; index: number },
): ArmPlan {
  return arm.plan({ fast, seed, armId: `${token}${letterOf(index)}` });
}

/** a, b, c …: the place of an arm, short enough for scope names. */
export function letterOf(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}
