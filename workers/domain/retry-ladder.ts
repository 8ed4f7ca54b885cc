import type { TopicRole } from '../../infra/contract/scope.ts';

/** Where a failed record waits for its next attempt. */
export interface Rung {
  /** As stored in delivery_failure.rung and shown to people. */
  readonly name: 'retry.5s' | 'retry.1m';
  readonly topic: Extract<TopicRole, 'retry5s' | 'retry1m'>;
  readonly delayMs: number;
}

/** Lowest rung first. */
export type Ladder = readonly [Rung, ...Rung[]];

export const deadLetterRung = 'dlq';

/** The names of the rungs say their delays; experiments shorten them. */
export function ladderOf({ firstMs = 5_000, secondMs = 60_000 } = {}): Ladder {
  return [
    { name: 'retry.5s', topic: 'retry5s', delayMs: firstMs },
    { name: 'retry.1m', topic: 'retry1m', delayMs: secondMs },
  ];
}

/**
 * The rung after a failed delivery; undefined: it is a dead letter.
 * @param attempt of the delivery that failed, 1 for the first.
 * @param retry false where no attempt can succeed, and for a record that a replay sent.
 */
export function rungAfter(ladder: Ladder, attempt: number, retry: boolean): Rung | undefined {
  return retry ? ladder[attempt - 1] : undefined;
}
