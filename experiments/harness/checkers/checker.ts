import type { Text } from '../../../infra/text.ts';
import type { FinalState } from '../final-state.ts';
import type { History } from '../history.ts';
import type { CheckVerdict } from '../verdict.ts';

/**
 * A checker is a pure function of an arm's journal and its final state. It never looks at an engine, so a recorded run
 * can be judged again, and by a better checker.
 */
export interface Checker {
  readonly name: string;
  readonly title: Text;
  /** What each of its counts means; every count that must be 0 stands here. */
  readonly labels: Readonly<Record<string, Text>>;
  check(history: History, state: FinalState): CheckOutcome;
}

/** One thing that is wrong, down to the row: keys, offsets and amounts; 64-bit integers as strings. */
export type Example = Readonly<Record<string, string | number>>;

export interface CheckOutcome {
  readonly verdict: CheckVerdict;
  /** How many things were looked at; 0 makes the verdict unknown. */
  readonly checked: number;
  /** What must be 0. Never capped. */
  readonly counts: Readonly<Record<string, number>>;
  /** At most `examplesMax` for each count. */
  readonly examples: readonly Example[];
  /** Why it is unknown. */
  readonly reason?: string;
}

export const examplesMax = 8;

/** Collects what is wrong under the names of a checker's counts; all of it is counted, few are kept as examples. */
export class Tally<Name extends string> {
  readonly #counts: Map<Name, number>;
  readonly #examples: Example[] = [];

  constructor(labels: Readonly<Record<Name, Text>>) {
    this.#counts = new Map((Object.keys(labels) as Name[]).map((name) => [name, 0]));
  }

  add(name: Name, example: Example): void {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (count <= examplesMax) this.#examples.push({ what: name, ...example });
  }

  /** fail when anything was added; unknown when nothing was looked at; else pass. */
  outcome(checked: number): CheckOutcome {
    const wrong = [...this.#counts.values()].some((count) => count > 0);
    return {
      verdict: wrong ? 'fail' : checked === 0 ? 'unknown' : 'pass',
      checked,
      counts: Object.fromEntries(this.#counts),
      examples: this.#examples,
      ...(!wrong && checked === 0 ? { reason: 'nothing was checked' } : {}),
    };
  }
}

/** A checker that crashes has proved nothing: unknown, never a pass. */
export function checkSafely(checker: Checker, history: History, state: FinalState): CheckOutcome {
  try {
    return checker.check(history, state);
  } catch (error) {
    const reason = `the checker crashed: ${error instanceof Error ? error.message : String(error)}`;
    return { verdict: 'unknown', checked: 0, counts: {}, examples: [], reason };
  }
}
