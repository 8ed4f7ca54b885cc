import { isAlive, type ProcessIdentity, terminate } from '../process.ts';
import { waitUntilGone } from '../stack/native/process-end.ts';
import type { FaultLab } from './fault.ts';
import { type HealResult, healUntilDone } from './heal.ts';
import { healingOn } from './healing.ts';
import type { FaultLease } from './lease.ts';

/**
 * Heals them now, whoever owns them, one after the other. The result of each comes as it is there; what failed is tried
 * once more when others have been healed: it may have needed one of them.
 * @param limitMs of trying, each.
 */
export async function* healLeases(
  leases: readonly FaultLease[],
  lab: FaultLab,
  limitMs: number,
): AsyncGenerator<HealResult> {
  const failed: HealResult[] = [];
  let healed = 0;
  for (const { id } of inHealingOrder(leases)) {
    const result = await healAsked(id, lab, limitMs);
    if (result.state === 'failed') failed.push(result);
    else {
      healed += 1;
      yield result;
    }
  }
  for (const result of failed) yield healed === 0 ? result : await healAsked(result.id, lab, limitMs);
}

async function healAsked(id: string, lab: FaultLab, limitMs: number): Promise<HealResult> {
  const healing = healingOn(lab);
  const healer = healing.store.healer(id);
  const request = { cause: 'asked', by: 'command', dueAtMs: lab.clock.now() } as const;
  const result = await healUntilDone(id, request, healing, { limitMs });
  if (result.state !== 'failed') await endHealer(healer, lab);
  return result;
}

/** No broker comes back without its controller, and no switch without the engine that it lives in. */
export function inHealingOrder(leases: readonly FaultLease[]): readonly FaultLease[] {
  const rank = ({ claims }: FaultLease): number => {
    if (claims.includes('node:kafka-controller')) return 0;
    return claims.some((claim) => claim.startsWith('node:')) ? 1 : 2;
  };
  return leases.toSorted((left, right) => rank(left) - rank(right));
}

/** It ends by itself when its lease is gone; one that is frozen does not. */
export async function endHealer(
  healer: ProcessIdentity | undefined,
  { clock }: Pick<FaultLab, 'clock'>,
): Promise<void> {
  if (healer === undefined || !(await isAlive(healer))) return;
  if (!(await waitUntilGone(healer, 5_000))) await terminate(healer, 1_000, clock);
}
