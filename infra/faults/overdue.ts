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
  | { readonly found: 'failing'; readonly lease: FaultLease };

const failingForMs = 30_000;

/** True while a process looks after the lease; one that is frozen does not. */
export async function healerWorks({ id }: FaultLease, lab: Pick<FaultLab, 'config'>): Promise<boolean> {
  const healer = storeOf(lab).healer(id);
  return healer !== undefined && (await isAlive(healer)) && !isPaused(healer);
}

/** Every command does this first: what expired without a living healer is healed, what has none yet gets one. */
export async function healOverdue(lab: FaultLab): Promise<readonly Overdue[]> {
  const found: Overdue[] = [];
  for (const lease of storeOf(lab).leases()) {
    const one = (await healerWorks(lease, lab)) ? undefined : await attendTo(lease, lab);
    if (one !== undefined) found.push(one);
  }
  return found;
}

async function attendTo(lease: FaultLease, lab: FaultLab): Promise<Overdue | undefined> {
  const healing = healingOn(lab);
  const nowMs = lab.clock.now();
  const cause = dueCause(lease, nowMs, lease.owner === undefined || (await isAlive(lease.owner)));
  if (cause === undefined) {
    // Without any healer yet it is being injected at this moment: nothing is broken before one is armed.
    if (healing.store.healer(lease.id) === undefined) return undefined;
    await spawnHealer(lease.id, lab);
    return { found: 'unguarded', lease };
  }
  if (lease.failure !== undefined && nowMs - lease.failure.lastAtMs < failingForMs) return { found: 'failing', lease };
  const dueAtMs = cause === 'expired' ? lease.expiresAtMs : nowMs;
  return { found: 'due', lease, result: await healOnce(lease.id, { cause, by: 'command', dueAtMs }, healing) };
}
