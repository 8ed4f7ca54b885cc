import type { Part } from './reading.ts';

export interface WorkersHealth {
  readonly workers: readonly WorkerHealth[];
}

export interface WorkerHealth {
  /** `outbox-relay`, `outbox-relay-2`. */
  readonly worker: string;
  readonly pid: number;
  readonly processStart: string;
  readonly mode: string;
  /** Of the last beat, by MySQL's clock. */
  readonly beatAgeMs: Part<number>;
  /** Monotonic since the process began, and gauges. */
  readonly counters: Readonly<Record<string, number>>;
  /** Change of each counter since the previous reading; undefined without one, or when the process is another. */
  readonly perSecond: Readonly<Record<string, number>> | undefined;
  /** Why the worker, or a partition of it, stands still, in its own words. */
  readonly findings: readonly { readonly key: string; readonly message: string }[];
}
