import type { RowDataPacket } from 'mysql2/promise';
import { identify, type ProcessIdentity } from '../../../infra/process.ts';
import type { Pipeline, WorkerSpec } from '../pipeline.ts';
import type { Laboratory } from './laboratory.ts';

/** Two relays and two projectors, so that one of each can be frozen and taken over. */
export const pairedServices: readonly WorkerSpec[] = (['outbox-relay', 'balance-projector'] as const).flatMap(
  (worker) => [
    { worker, name: worker, options: {} },
    { worker, name: `${worker}-2`, options: {} },
  ],
);

export async function runningProcess(pipeline: Pipeline, name: string): Promise<ProcessIdentity> {
  const pid = pipeline.pidOf(name);
  const identity = pid === undefined ? undefined : await identify(pid);
  if (identity === undefined) throw new Error(`${name} does not run`);
  return identity;
}

/** Whichever relay won the leases of the shards owns all of them; the other stands by. */
export async function owningRelay({ pool }: Laboratory): Promise<{ owner: string; standby: string }> {
  const [rows] = await pool.query<RowDataPacket[]>("SELECT DISTINCT owner FROM lease WHERE owner <> ''");
  const names = rows.map(({ owner }) => String(owner).split('.').at(-2) ?? '');
  const [owner] = names;
  if (names.length !== 1 || owner === undefined) throw new Error(`owners of shards: ${names.join(', ')}`);
  return { owner, standby: owner === 'outbox-relay' ? 'outbox-relay-2' : 'outbox-relay' };
}

/** Legs that were committed and are not applied. */
export async function unapplied(lab: Laboratory): Promise<{ readonly legs: number; readonly waiting: number }> {
  const { legs, effects } = await lab.counts<'legs' | 'effects'>(
    'SELECT (SELECT COUNT(*) FROM ledger_entry) AS legs, (SELECT COUNT(*) FROM applied_effect) AS effects',
  );
  return { legs, waiting: legs - effects };
}
