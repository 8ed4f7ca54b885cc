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
 * Before the whole lab is stopped: from here on no healer starts a node again. What lives in an engine's data is undone
 * where that engine still serves (it runs out by itself otherwise); the rest goes with the processes.
 */
export async function endLeases(lab: FaultLab): Promise<readonly HealRecord[]> {
  const records: HealRecord[] = [];
  for (const { id } of storeOf(lab).leases()) {
    const record = await endLease(id, lab);
    if (record !== undefined) records.push(record);
  }
  return records;
}

async function endLease(id: string, lab: FaultLab): Promise<HealRecord | undefined> {
  const store = storeOf(lab);
  const healer = store.healer(id);
  const held = await store.lockLease(id);
  try {
    const lease = store.lease(id);
    if (lease === undefined) return undefined;
    const outcome = (await undone(lease, lab)) ? 'healed' : 'ended';
    const nowMs = lab.clock.now();
    const record = recordOf(lease, outcome, { cause: 'asked', by: 'command', dueAtMs: nowMs }, nowMs);
    await store.record(record);
    store.remove(id);
    return record;
  } finally {
    held.release();
    await endHealer(healer, lab);
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

/** Before `up`: a frozen engine would be waited for in vain. What else is broken, `up` itself repairs. */
export async function resumePaused(stack: Stack): Promise<void> {
  for (const { node, state } of await stack.status()) if (state === 'paused') await stack.resume(node);
}
