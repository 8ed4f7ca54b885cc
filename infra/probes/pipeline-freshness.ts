import type { Part } from './reading.ts';

export interface PipelineFreshness {
  /** How far back samples are taken. */
  readonly windowMs: number;
  /** Each counted from the commit of the transfer: created_at of its outbox row, by MySQL's clock. */
  readonly commitToSent: Part<Percentiles>;
  readonly commitToApplied: Part<Percentiles>;
  /** As the invalidator itself counts it; it alone sees when a key was invalidated. */
  readonly commitToCache: Part<{ readonly p50Ms: number; readonly p99Ms: number }>;
  /** Age of the oldest event without an effect; null when every event is applied. */
  readonly oldestUnapplied: Part<OldestUnapplied | null>;
  /** Every row before it is known to be applied: the next reading looks on from here. */
  readonly appliedBelowId: bigint | undefined;
}

/** Over the latest events of the window; `samples` 0: no event passed, and there is no percentile. */
export type Percentiles =
  | { readonly samples: 0 }
  | { readonly samples: number; readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

export interface OldestUnapplied {
  readonly ageMs: number;
  /** False when rows before the ones looked at may be unapplied too: then it is at least this old. */
  readonly exact: boolean;
  readonly dedupKey: string;
}
