import type { Clock } from '../../clock.ts';

/** A question that costs something, for askers who come often. */
export interface RecentAnswer<Answer> {
  /** One that is recent enough, or under way already, else a new one. */
  get(): Promise<Answer>;
  /** What was asked so far no longer holds. */
  forget(): void;
}

/** @param freshMs how long an answer is good, from when it came. A failure is kept for nobody but those who wait for it. */
export function recentAnswer<Answer>(
  ask: () => Promise<Answer>,
  { freshMs, clock }: { readonly freshMs: number; readonly clock: Clock },
): RecentAnswer<Answer> {
  let kept: { readonly answer: Promise<Answer>; untilMs: number } | undefined;
  return {
    get() {
      if (kept !== undefined && clock.monotonic() < kept.untilMs) return kept.answer;
      const asked = { answer: ask(), untilMs: Number.POSITIVE_INFINITY };
      kept = asked;
      asked.answer.then(
        () => {
          asked.untilMs = clock.monotonic() + freshMs;
        },
        () => {
          asked.untilMs = 0;
        },
      );
      return asked.answer;
    },
    forget() {
      kept = undefined;
    },
  };
}
