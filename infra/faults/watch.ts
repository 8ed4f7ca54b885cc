import { isAlive } from '../process.ts';
import { type Healing, type HealResult, healUntilDone } from './heal.ts';
import { dueCause, type FaultLease } from './lease.ts';

/** How late an owner's death, an early end or the expiry may be noticed. */
const lookEveryMs = 200;

export interface Watch extends Healing {
  /** Heals at once when it aborts: somebody ends the healer in order. */
  readonly signal: AbortSignal;
  ownerIsAlive?(lease: FaultLease): Promise<boolean>;
}

/**
 * A healer's life: waits until the owner dies or time is up, then heals, however often that takes. Returns at once when the
 * lease is gone; failed only where no attempt can help, or where it is told to end.
 */
export async function watchLease(id: string, watch: Watch): Promise<HealResult> {
  const { store, clock, signal, ownerIsAlive = ownerLives } = watch;
  let timer = { expiresAtMs: Number.NaN, atMs: 0 };
  for (;;) {
    const lease = store.lease(id);
    if (lease === undefined) return { state: 'gone', id, record: store.history().find((entry) => entry.id === id) };
    // The wall clock can be set back while we wait; time that has passed for sure counts as well.
    if (lease.expiresAtMs !== timer.expiresAtMs) {
      const { expiresAtMs } = lease;
      timer = { expiresAtMs, atMs: clock.monotonic() + (expiresAtMs - clock.now()) };
    }
    const expiresAt = timer.atMs;
    const nowMs = clock.monotonic() >= expiresAt ? Math.max(clock.now(), lease.expiresAtMs) : clock.now();
    const cause = signal.aborted ? 'asked' : dueCause(lease, nowMs, await ownerIsAlive(lease));
    if (cause !== undefined) {
      const dueAtMs = cause === 'expired' ? lease.expiresAtMs : clock.now();
      return healUntilDone(id, { cause, by: 'healer', dueAtMs }, watch, {
        limitMs: Number.POSITIVE_INFINITY,
        signal,
      });
    }
    const leftMs = Math.max(1, Math.min(lookEveryMs, expiresAt - clock.monotonic()));
    await clock.sleep(leftMs, signal).catch(() => {});
  }
}

async function ownerLives({ owner }: FaultLease): Promise<boolean> {
  return owner === undefined || isAlive(owner);
}
