import { type Clock, systemClock } from '../../infra/clock.ts';
import { decodeCacheValue } from '../../infra/contract/cache-entry.ts';
import { InterruptedError } from '../../infra/errors.ts';
import { cachedKeys, lagOf, numberOf, type ScopeEngines } from './scope-engines.ts';

/** What still has to come to rest after the workload. */
export interface Restlessness {
  /** Outbox rows that are neither SENT nor DEAD. */
  readonly pending: number;
  readonly projectorLag: number;
  readonly invalidatorLag: number;
  /** Accounts that have a cache entry again. */
  readonly cached: number;
}

export async function readRestlessness(engines: ScopeEngines): Promise<Restlessness> {
  const { groups } = engines.scope;
  // Pending first: what leaves the outbox after this is seen as lag, and nothing falls between the two.
  const pending = await numberOf(engines, "SELECT COUNT(*) FROM outbox_event WHERE status = 'PENDING'");
  const [projectorLag, invalidatorLag, keys] = await Promise.all([
    lagOf(engines, groups.projector),
    lagOf(engines, groups.invalidator),
    cachedKeys(engines),
  ]);
  const cached = [...keys.values()].filter((text) => decodeCacheValue(text)?.kind === 'entry').length;
  return { pending, projectorLag, invalidatorLag, cached };
}

export interface SettleOptions {
  /** Cache entries wanted; not reaching them is no failure to settle, the witness will tell. */
  readonly cachedWanted: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress: (state: Restlessness) => void;
}

/** Given up when nothing has changed for this long: a worker may be starting anew, or a group be rebalancing. */
const stalledMs = 8_000;
/** Outbox and groups at rest, only the cache is still being filled: its readers never pause that long. */
const cacheStalledMs = 2_000;
const timeoutMs = 120_000;

/**
 * Waits until outbox and both consumers are at rest and the cache is filled again, or nothing moves any more.
 * @returns whether outbox and consumers came to rest. @throws InterruptedError; what `read` throws.
 */
export async function settle(
  read: () => Promise<Restlessness>,
  { cachedWanted, signal, clock = systemClock, onProgress }: SettleOptions,
): Promise<boolean> {
  const startedAt = clock.monotonic();
  let before = '';
  let changedAt = startedAt;
  for (;;) {
    if (signal.aborted) throw new InterruptedError();
    const state = await read();
    const resting = state.pending === 0 && state.projectorLag === 0 && state.invalidatorLag === 0;
    const now = clock.monotonic();
    if (JSON.stringify(state) !== before) {
      before = JSON.stringify(state);
      changedAt = now;
      onProgress(state);
    }
    if (resting && state.cached >= cachedWanted) return true;
    const patienceMs = resting ? cacheStalledMs : stalledMs;
    if (now - changedAt >= patienceMs || now - startedAt >= timeoutMs) return resting;
    await clock.sleep(100, signal);
  }
}
