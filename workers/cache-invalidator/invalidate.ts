import { createHistogram } from 'node:perf_hooks';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import type { BalanceCodec } from '../../infra/registry/codec.ts';
import type { ChunkOutcome } from '../host/consumer.ts';
import { type Chunk, decodeChunk } from '../host/decode-chunk.ts';
import type { WorkerContext } from '../host/worker.ts';

type Effects = Pick<WorkerContext, 'clock' | 'counters' | 'journal' | 'failpoint'> & {
  readonly codec: Pick<BalanceCodec, 'decode'>;
  /** @returns how many tombstones took effect. */
  readonly invalidate: (events: readonly BalanceChanged[]) => Promise<number>;
  readonly lags: LagWindow;
};

/**
 * Decodes a chunk and invalidates the cache for it.
 * @throws when Redis or the registry fails; the chunk is then delivered again.
 */
export async function invalidateChunk(
  chunk: Chunk & { readonly trace: boolean },
  { clock, counters, journal, failpoint, codec, invalidate, lags }: Effects,
): Promise<ChunkOutcome> {
  const { events, stopped } = await decodeChunk(chunk, codec);
  if (events.length > 0) {
    counters.add('invalidated', await invalidate(events.map(({ event }) => event)));
    counters.add('records', events.length);
    const now = clock.now();
    for (const { event } of events) {
      lags.record(now - event.occurredAtMs);
      if (chunk.trace) journal.append({ kind: 'invalidated', dedupKey: event.dedupKey, at: now });
    }
    counters.set('invalidatedLagMsP50', lags.quantile(50));
    counters.set('invalidatedLagMsP99', lags.quantile(99));
    failpoint('invalidator.after-invalidate');
  }
  return { done: events.length, ...(stopped === undefined ? {} : { stopped }) };
}

export interface LagWindow {
  record(lagMs: number): void;
  quantile(percent: number): number;
}

/** Commit-to-invalidation times of about the last minute: two histograms, the older one dropped every half minute. */
export function openLagWindow(now: () => number): LagWindow {
  const halfMs = 30_000;
  let current = createHistogram();
  let previous = createHistogram();
  let turnedAt = now();
  return {
    record(lagMs) {
      if (now() - turnedAt > halfMs) {
        [previous, current, turnedAt] = [current, createHistogram(), now()];
      }
      current.record(Math.max(1, Math.round(lagMs)));
    },
    quantile(percent) {
      const both = createHistogram();
      both.add(previous);
      both.add(current);
      return both.percentile(percent);
    },
  };
}
