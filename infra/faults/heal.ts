import { type Clock, within } from '../clock.ts';
import { messageOf, RefusedError, TimeoutError, UserError } from '../errors.ts';
import type { FaultLease, HealCause, HealedBy, HealRecord } from './lease.ts';
import type { FaultStore } from './store.ts';

/** A broker that comes back after a crash on a busy machine, and is in sync again. */
const attemptTimeoutMs = 3 * 60_000;
const pauseMinMs = 250;
const pauseMaxMs = 10_000;

/** What healing works with; tests pass their own clock and their own undoing. */
export interface Healing {
  readonly store: FaultStore;
  readonly clock: Clock;
  /** Undoes the fault and verifies it. Settles soon after the signal aborts. */
  undo(lease: FaultLease, signal: AbortSignal): Promise<void>;
}

export interface HealRequest {
  readonly cause: HealCause;
  readonly by: HealedBy;
  readonly dueAtMs: number;
}

export type HealResult =
  | { readonly state: 'healed'; readonly id: string; readonly record: HealRecord }
  /** Somebody else was faster; the record is absent where the history is longer than what is kept. */
  | { readonly state: 'gone'; readonly id: string; readonly record: HealRecord | undefined }
  | { readonly state: 'failed'; readonly id: string; readonly lease: FaultLease; readonly error: unknown };

/** One attempt, never beside another one. A failure is written into the lease, which stays. */
export async function healOnce(id: string, request: HealRequest, healing: Healing): Promise<HealResult> {
  const { store, clock } = healing;
  let held: Awaited<ReturnType<FaultStore['lockLease']>>;
  try {
    held = await store.lockLease(id);
  } catch (error) {
    const lease = store.lease(id);
    if (!(error instanceof TimeoutError) || lease === undefined) throw error;
    return { state: 'failed', id, lease, error };
  }
  try {
    const lease = store.lease(id);
    if (lease === undefined) return { state: 'gone', id, record: store.history().find((entry) => entry.id === id) };
    try {
      await undoInTime(lease, healing);
    } catch (error) {
      const attempts = (lease.failure?.attempts ?? 0) + 1;
      const failed = { ...lease, failure: { attempts, lastAtMs: clock.now(), error: messageOf(error) } };
      store.write(failed);
      return { state: 'failed', id, lease: failed, error };
    }
    const record = recordOf(lease, 'healed', request, clock.now());
    await store.record(record);
    store.remove(id);
    return { state: 'healed', id, record };
  } finally {
    held.release();
  }
}

/** The lock is held until the work has come to rest: an attempt that was given up must not go on beside the next one. */
async function undoInTime(lease: FaultLease, { undo, clock }: Healing): Promise<void> {
  const giveUp = new AbortController();
  const work = undo(lease, giveUp.signal);
  try {
    await within(`healing ${lease.id}`, attemptTimeoutMs, work, clock);
  } catch (error) {
    giveUp.abort();
    await Promise.allSettled([work]);
    throw error;
  }
}

/**
 * Attempts until one works, somebody else has healed it, or `limitMs` have passed since the first.
 * @param signal ends the pauses, and with them the trying.
 */
export async function healUntilDone(
  id: string,
  request: HealRequest,
  healing: Healing,
  { limitMs, signal }: { readonly limitMs: number; readonly signal?: AbortSignal },
): Promise<HealResult> {
  const { clock } = healing;
  const startMs = clock.monotonic();
  let pauseMs = pauseMinMs;
  for (;;) {
    const result = await healOnce(id, request, healing);
    if (result.state !== 'failed') return result;
    // Somebody must do something first: no attempt cures a lease that this labctl or its driver does not understand.
    if (result.error instanceof UserError || result.error instanceof RefusedError) return result;
    if (signal?.aborted || clock.monotonic() - startMs + pauseMs > limitMs) return result;
    await clock.sleep(pauseMs, signal).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, pauseMaxMs);
  }
}

export function recordOf(
  lease: FaultLease,
  outcome: HealRecord['outcome'],
  { cause, by, dueAtMs }: HealRequest,
  healedAtMs: number,
): HealRecord {
  const { id, kind, target, who, takenAtMs, expiresAtMs, failure } = lease;
  return {
    ...{ id, kind, target, who, takenAtMs, expiresAtMs },
    ...{ outcome, cause, by, dueAtMs, healedAtMs },
    attempts: (failure?.attempts ?? 0) + (outcome === 'healed' ? 1 : 0),
    ...(failure === undefined ? {} : { error: failure.error }),
  };
}
