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
    const { p50, p99 } = lags.quantiles();
    counters.set('invalidatedLagMsP50', p50);
    counters.set('invalidatedLagMsP99', p99);
    failpoint('invalidator.after-invalidate');
  }
  return { done: events.length, ...(stopped === undefined ? {} : { stopped }) };
}

export interface LagWindow {
  record(lagMs: number): void;
  quantiles(): { readonly p50: number; readonly p99: number };
}

/**
 * Commit-to-invalidation times of about the last minute: two histograms, the older one dropped every half minute. The
 * three are made once: each holds native memory that the garbage collector hardly sees.
 */
export function openLagWindow(now: () => number): LagWindow {
  const halfMs = 30_000;
  const range = { lowest: 1, highest: 3_600_000, figures: 2 };
  let [current, previous] = [createHistogram(range), createHistogram(range)];
  const both = createHistogram(range);
  let turnedAt = now();
  const turn = (): void => {
    if (now() - turnedAt <= halfMs) return;
    [previous, current] = [current, previous];
    current.reset();
    turnedAt = now();
  };
  return {
    record(lagMs) {
      turn();
      current.record(Math.min(Math.max(1, Math.round(lagMs)), range.highest));
    },
    quantiles() {
      both.reset();
      both.add(previous);
      both.add(current);
      return { p50: both.percentile(50), p99: both.percentile(99) };
    },
  };
}
