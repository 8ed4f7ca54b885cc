import type { ProcessIdentity } from '../process.ts';
import type { ProcessLock } from '../stack/native/process-lock.ts';
import type { Stack } from '../stack/stack.ts';
import type { FaultLab } from './fault.ts';
import { recordOf } from './heal.ts';
import { endHealer } from './heal-leases.ts';
import { storeOf } from './healing.ts';
import { reviveFault } from './index.ts';
import type { FaultLease, HealRecord } from './lease.ts';

/** A row to delete, on a database that answers. */
const undoTimeoutMs = 20_000;

/**
 * Stops the whole lab by `stopLab`. The locks of all leases are held meanwhile, so no healer starts a node again; whoever
 * dies in between frees them, and what is still broken is healed after all. What lives in an engine's data is undone first,
 * where that engine still serves (it runs out by itself otherwise); the rest has gone with the processes.
 * @throws TimeoutError when a healing that is under way does not end; whatever `stopLab` throws. The leases stay then.
 */
export async function endLeases(lab: FaultLab, stopLab: () => Promise<void>): Promise<readonly HealRecord[]> {
  const store = storeOf(lab);
  const records: HealRecord[] = [];
  const held: ProcessLock[] = [];
  const healers: ProcessIdentity[] = [];
  const holdAll = async (): Promise<readonly FaultLease[]> => {
    const leases: FaultLease[] = [];
    for (const { id } of store.survey().leases) {
      const healer = store.healer(id);
      held.push(await store.lockLease(id));
      if (healer !== undefined) healers.push(healer);
      leases.push(...[store.lease(id)].filter((lease) => lease !== undefined));
    }
    return leases;
  };
  const end = async (lease: FaultLease, outcome: HealRecord['outcome']): Promise<void> => {
    const nowMs = lab.clock.now();
    const record = recordOf(lease, outcome, { cause: 'asked', by: 'command', dueAtMs: nowMs }, nowMs);
    await store.record(record);
    store.remove(lease.id);
    records.push(record);
  };
  try {
    const active: FaultLease[] = [];
    for (const lease of await holdAll()) {
      if (await undone(lease, lab)) await end(lease, 'healed');
      else active.push(lease);
    }
    await stopLab();
    for (const lease of active) await end(lease, 'ended');
    for (const lease of await holdAll()) await end(lease, 'ended'); // injected since
    for (const { id } of store.survey().unreadable) store.remove(id);
    return records;
  } finally {
    for (const lock of held) lock.release();
    // Those whose lease is gone end by themselves; the others go on watching over theirs.
    const over = store.survey().leases.length === 0;
    if (over) for (const healer of healers) await endHealer(healer, lab);
  }
}

async function undone(lease: FaultLease, lab: FaultLab): Promise<boolean> {
  try {
    const fault = reviveFault(lease);
    if (!fault.outlivesStack) return false;
    await fault.heal(lab, lease.phase, AbortSignal.timeout(undoTimeoutMs));
    return true;
  } catch {
    return false; // its engine is down, or it is of another version: it runs out with its time
  }
}

/**
 * Before `up`: a frozen engine would be waited for in vain. What else is broken, `up` itself repairs. A process that is
 * paused counts as running where there is no /proc to see it.
 */
export async function resumePaused(stack: Stack): Promise<void> {
  const mayBePaused = ['paused', ...(stack.driver === 'native' ? ['running'] : [])];
  for (const { node, state } of await stack.status()) if (mayBePaused.includes(state)) await stack.resume(node);
}
