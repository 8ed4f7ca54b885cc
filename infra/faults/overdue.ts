import { isAlive, isPaused } from '../process.ts';
import type { FaultLab } from './fault.ts';
import { type HealResult, healOnce } from './heal.ts';
import { healingOn, storeOf } from './healing.ts';
import { dueCause, type FaultLease } from './lease.ts';
import { spawnHealer } from './spawn-healer.ts';

/** What a command found that no healer looks after. */
export type Overdue =
  | { readonly found: 'due'; readonly lease: FaultLease; readonly result: HealResult }
  /** Not due yet: it has a healer again. */
  | { readonly found: 'unguarded'; readonly lease: FaultLease }
  /** It failed a moment ago, and not every command shall wait for it. */
  | { readonly found: 'failing'; readonly lease: FaultLease }
  /** It cannot be read, or nobody can be found to look after it. */
  | { readonly found: 'neglected'; readonly id: string; readonly error: unknown };

const failingForMs = 30_000;

/** True while a process looks after the lease; one that is frozen does not. */
export async function healerWorks({ id }: FaultLease, lab: Pick<FaultLab, 'config'>): Promise<boolean> {
  const healer = storeOf(lab).healer(id);
  return healer !== undefined && (await isAlive(healer)) && !isPaused(healer);
}

/** Every command does this first: what expired without a living healer is healed, what has none yet gets one. */
export async function healOverdue(lab: FaultLab): Promise<readonly Overdue[]> {
  const { leases, unreadable } = storeOf(lab).survey();
  const found: Overdue[] = unreadable.map(({ id, error }) => ({ found: 'neglected', id, error }));
  for (const lease of leases) {
    try {
      const one = (await healerWorks(lease, lab)) ? undefined : await attendTo(lease, lab);
      if (one !== undefined) found.push(one);
    } catch (error) {
      found.push({ found: 'neglected', id: lease.id, error });
    }
  }
  return found;
}

/** @returns false when another command was faster: two healers would not wait for each other. */
async function guardAnew(lease: FaultLease, lab: FaultLab): Promise<boolean> {
  const store = storeOf(lab);
  const held = await store.lockHealer(lease.id);
  try {
    if (store.lease(lease.id) === undefined || (await healerWorks(lease, lab))) return false;
    await spawnHealer(lease.id, lab);
    return true;
  } finally {
    held.release();
  }
}

async function attendTo(lease: FaultLease, lab: FaultLab): Promise<Overdue | undefined> {
  const healing = healingOn(lab);
  const nowMs = lab.clock.now();
  const cause = dueCause(lease, nowMs, lease.owner === undefined || (await isAlive(lease.owner)));
  if (cause === undefined) {
    // Without any healer yet it is being injected at this moment: nothing is broken before one is armed.
    if (healing.store.healer(lease.id) === undefined) return undefined;
    return (await guardAnew(lease, lab)) ? { found: 'unguarded', lease } : undefined;
  }
  if (lease.failure !== undefined && nowMs - lease.failure.lastAtMs < failingForMs) return { found: 'failing', lease };
  const dueAtMs = cause === 'expired' ? lease.expiresAtMs : nowMs;
  return { found: 'due', lease, result: await healOnce(lease.id, { cause, by: 'command', dueAtMs }, healing) };
}
