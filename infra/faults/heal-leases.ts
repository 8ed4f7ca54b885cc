import { isAlive, type ProcessIdentity, terminate } from '../process.ts';
import { waitUntilGone } from '../stack/native/process-end.ts';
import type { FaultLab } from './fault.ts';
import { type HealResult, healUntilDone } from './heal.ts';
import { healingOn } from './healing.ts';
import type { FaultLease } from './lease.ts';

/**
 * Heals them now, whoever owns them, one after the other. The result of each comes as it is there.
 * @param limitMs of trying, each.
 */
export async function* healLeases(
  leases: readonly FaultLease[],
  lab: FaultLab,
  limitMs: number,
): AsyncGenerator<HealResult> {
  const healing = healingOn(lab);
  const { store } = healing;
  for (const { id } of inHealingOrder(leases)) {
    const healer = store.healer(id);
    const request = { cause: 'asked', by: 'command', dueAtMs: lab.clock.now() } as const;
    const result = await healUntilDone(id, request, healing, { limitMs });
    if (result.state !== 'failed') await endHealer(healer, lab);
    yield result;
  }
}

/** No broker comes back without its controller. */
function inHealingOrder(leases: readonly FaultLease[]): readonly FaultLease[] {
  const first = ({ claims }: FaultLease): boolean => claims.includes('node:kafka-controller');
  return [...leases.filter(first), ...leases.filter((lease) => !first(lease))];
}

/** It ends by itself when its lease is gone; one that is frozen does not. */
export async function endHealer(
  healer: ProcessIdentity | undefined,
  { clock }: Pick<FaultLab, 'clock'>,
): Promise<void> {
  if (healer === undefined || !(await isAlive(healer))) return;
  if (!(await waitUntilGone(healer, 5_000))) await terminate(healer, 1_000, clock);
}
