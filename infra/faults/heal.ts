import { type Clock, within } from '../clock.ts';
import { messageOf, RefusedError, TimeoutError, UserError } from '../errors.ts';
import type { ProcessLock } from '../stack/native/process-lock.ts';
import type { FaultLease, HealCause, HealedBy, HealRecord } from './lease.ts';
import type { FaultStore } from './store.ts';

/** A broker that comes back after a crash on a busy machine, and is in sync again. */
const attemptTimeoutMs = 3 * 60_000;
const pauseMinMs = 250;
/** An attempt starts processes, on a machine that may be short of everything. */
const pauseMaxMs = 60_000;

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

/**
 * One attempt, never beside another one. A failure is written into the lease, which stays. What cannot be written, on a
 * full disk, keeps nobody from undoing the fault.
 */
export async function healOnce(id: string, request: HealRequest, healing: Healing): Promise<HealResult> {
  const { store, clock } = healing;
  let held: ProcessLock | undefined;
  try {
    held = await lockOf(id, store);
    const lease = store.lease(id);
    if (lease === undefined) return { state: 'gone', id, record: store.history().find((entry) => entry.id === id) };
    try {
      await undoInTime(lease, healing);
    } catch (error) {
      const failed = withFailure(lease, error, clock);
      await unlessUnwritable(async () => store.write(failed));
      return { state: 'failed', id, lease: failed, error };
    }
    const record = recordOf(lease, 'healed', request, clock.now());
    await unlessUnwritable(() => store.record(record));
    store.remove(id);
    return { state: 'healed', id, record };
  } catch (error) {
    const lease = error instanceof TimeoutError ? store.lease(id) : undefined;
    if (lease === undefined) throw error;
    // Told, and not written: the file is the business of whoever holds the lock.
    return { state: 'failed', id, lease: withFailure(lease, error, clock), error };
  } finally {
    held?.release();
  }
}

/** @returns undefined where no lock can be written. @throws TimeoutError */
async function lockOf(id: string, store: FaultStore): Promise<ProcessLock | undefined> {
  let held: ProcessLock | undefined;
  await unlessUnwritable(async () => {
    held = await store.lockLease(id);
  });
  return held;
}

async function unlessUnwritable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

/** A disk that is full, over its quota, read-only or broken. */
function isUnwritable(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(String((error as NodeJS.ErrnoException).code));
}

function withFailure(lease: FaultLease, error: unknown, clock: Clock): FaultLease {
  const attempts = (lease.failure?.attempts ?? 0) + 1;
  return { ...lease, failure: { attempts, lastAtMs: clock.now(), error: messageOf(error) } };
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
