import { createHistogram } from 'node:perf_hooks';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { attemptOf } from '../../infra/contract/failure-headers.ts';
import type { BalanceCodec } from '../../infra/registry/codec.ts';
import type { Chunk, ChunkOutcome } from '../host/consumer.ts';
import { decodeEach } from '../host/decode-each.ts';
import type { WorkerContext } from '../host/worker.ts';

type Effects = Pick<WorkerContext, 'clock' | 'counters' | 'journal' | 'failpoint'> & {
  readonly codec: Pick<BalanceCodec, 'decode'>;
  /** @returns how many tombstones took effect. */
  readonly invalidate: (events: readonly BalanceChanged[]) => Promise<number>;
  /** Drops the entries of accounts whose new state is not known. */
  readonly evict: (accountIds: readonly string[]) => Promise<void>;
  readonly lags: LagWindow;
};

/**
 * Decodes a chunk and invalidates the cache for it. A record that is no event still says by its key whose balance
 * changed: that entry is dropped, as no sequence number says what may stay; the record itself is the projector's to
 * report.
 * @throws when Redis or the registry fails; the chunk is then delivered again.
 */
export async function invalidateChunk(
  chunk: Chunk & { readonly trace: boolean },
  { clock, counters, journal, failpoint, codec, invalidate, evict, lags }: Effects,
): Promise<ChunkOutcome> {
  const decoded = await decodeEach(chunk.messages, codec);
  const readable = decoded.flatMap((one) => ('event' in one ? [one] : []));
  const unreadable = decoded.flatMap((one) => ('error' in one ? [one.message.key?.toString() ?? ''] : []));
  if (unreadable.length > 0) {
    await evict(unreadable.filter((key) => /^\d{1,19}$/.test(key)));
    counters.add('undecodable', unreadable.length);
  }
  if (readable.length > 0) {
    counters.add('invalidated', await invalidate(readable.map(({ event }) => event)));
    const now = clock.now();
    for (const { event, message } of readable) {
      // A later delivery comes from the ladder, and was invalidated by its first one.
      if (attemptOf(message.headers) === 1) lags.record(now - event.occurredAtMs);
      if (chunk.trace) journal.append({ kind: 'invalidated', dedupKey: event.dedupKey, at: now });
    }
    const { p50, p99 } = lags.quantiles();
    counters.set('invalidatedLagMsP50', p50);
    counters.set('invalidatedLagMsP99', p99);
  }
  counters.add('records', chunk.messages.length);
  failpoint('invalidator.after-invalidate');
  return { done: chunk.messages.length };
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
