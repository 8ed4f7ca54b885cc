import { z } from 'zod';

/**
 * The tables of verdicts. A check is judged by what it found, an arm by its checks and witnesses, a run by its arms;
 * composing always takes the worst, and nothing checked is never a pass.
 */
export const checkVerdict = z.enum(['pass', 'fail', 'unknown']);
export type CheckVerdict = z.infer<typeof checkVerdict>;

export const armVerdict = z.enum(['reproduced', 'held', 'not-reproduced', 'breached', 'unknown']);
export type ArmVerdict = z.infer<typeof armVerdict>;

export const runVerdict = z.enum(['pass', 'fail', 'unknown', 'interrupted']);
export type RunVerdict = z.infer<typeof runVerdict>;

export const cleanupVerdict = z.enum(['clean', 'failed']);
export type CleanupVerdict = z.infer<typeof cleanupVerdict>;

export const expectation = z.enum(['anomaly', 'clean']);
export type Expectation = z.infer<typeof expectation>;

const worseness: Readonly<Record<CheckVerdict, number>> = { pass: 0, unknown: 1, fail: 2 };

/** fail > unknown > pass; the worst of nothing is unknown. */
export function worstCheck(verdicts: readonly CheckVerdict[]): CheckVerdict {
  return (
    verdicts.reduce<CheckVerdict | undefined>(
      (worst, verdict) => (worst === undefined || worseness[verdict] > worseness[worst] ? verdict : worst),
      undefined,
    ) ?? 'unknown'
  );
}

export interface ArmFacts {
  readonly expects: Expectation;
  /** Verdicts of the checks whose failing *is* the anomaly of the arm. Empty where the arm expects none. */
  readonly anomalies: readonly CheckVerdict[];
  /** Verdicts of all other checks. */
  readonly guards: readonly CheckVerdict[];
  /** All witnesses there, the pipeline settled, the evidence complete: something was really tried. */
  readonly witnessed: boolean;
}

/**
 * - A guard that failed is `breached` whatever else is missing: found damage needs no second proof that it was looked for.
 * - Anything not witnessed or not known is `unknown`, so that no arm passes because nothing happened.
 * - Else a clean arm has `held`; an arm with an anomaly is `reproduced` when every one of its anomalies appeared.
 */
export function judgeArmFacts({ expects, anomalies, guards, witnessed }: ArmFacts): ArmVerdict {
  if (guards.includes('fail')) return 'breached';
  if (!witnessed || guards.includes('unknown') || anomalies.includes('unknown')) return 'unknown';
  if (expects === 'clean') return guards.length === 0 ? 'unknown' : 'held';
  if (anomalies.length === 0) return 'unknown';
  return anomalies.every((verdict) => verdict === 'fail') ? 'reproduced' : 'not-reproduced';
}

/** A run without an arm is unknown: nothing was tried. */
export function judgeRun(arms: readonly ArmVerdict[], { interrupted }: { readonly interrupted: boolean }): RunVerdict {
  if (interrupted) return 'interrupted';
  if (arms.some((arm) => arm === 'breached' || arm === 'not-reproduced')) return 'fail';
  if (arms.length === 0 || arms.includes('unknown')) return 'unknown';
  return 'pass';
}
