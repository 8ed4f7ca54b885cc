import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import { identify, type ProcessIdentity, signalProcess } from '../../infra/process.ts';
import type { Pipeline, WorkerSpec } from './pipeline.ts';
import { type Laboratory, labAccounts, laboratory } from './testing/laboratory.ts';

const pairs: readonly WorkerSpec[] = (['outbox-relay', 'balance-projector'] as const).flatMap((worker) => [
  { worker, name: worker, options: {} },
  { worker, name: `${worker}-2`, options: {} },
]);
const writer: WorkerSpec = {
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: { ...labAccounts, runId: 'test', seed: 1, count: 1_500, transfersPerSecond: 100 },
};

async function running(pipeline: Pipeline, name: string): Promise<ProcessIdentity> {
  const pid = pipeline.pidOf(name);
  const identity = pid === undefined ? undefined : await identify(pid);
  if (identity === undefined) throw new Error(`${name} does not run`);
  return identity;
}

/** Whichever relay won the leases of the shards at the start owns all of them; the other stands by. */
async function owningRelay({ pool }: Laboratory): Promise<{ owner: string; standby: string }> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT DISTINCT owner FROM lease');
  const names = rows.map(({ owner }) => String(owner).split('.').at(-2) ?? '');
  const [owner] = names;
  if (names.length !== 1 || owner === undefined) throw new Error(`owners of shards: ${names.join(', ')}`);
  return { owner, standby: owner === 'outbox-relay' ? 'outbox-relay-2' : 'outbox-relay' };
}

async function caughtUp(lab: Laboratory, what: string): Promise<void> {
  await waitFor(
    what,
    async () => {
      const { legs = 0, effects } = await lab.counts(
        'SELECT (SELECT COUNT(*) FROM ledger_entry) AS legs, (SELECT COUNT(*) FROM applied_effect) AS effects',
      );
      return legs > 0 && legs === effects;
    },
    { timeoutMs: 60_000 },
  );
}

test('a frozen relay and a frozen projector are taken over, and double nothing when they wake', async () => {
  const lab = await laboratory();
  const pipeline = await lab.run(pairs);
  const load = await lab.run([writer]);
  await waitFor(
    'effects',
    async () => ((await lab.counts('SELECT COUNT(*) AS effects FROM applied_effect')).effects ?? 0) > 300,
    { timeoutMs: 30_000 },
  );
  const { owner, standby } = await owningRelay(lab);
  const frozen = await Promise.all([owner, 'balance-projector'].map((name) => running(pipeline, name)));
  for (const worker of frozen) await signalProcess(worker, 'SIGSTOP');
  try {
    await load.finished('transfer-writer', 60_000);
    await caughtUp(lab, 'the others to take over');
    expect(pipeline.counters(standby).acked).toBeGreaterThan(0);
  } finally {
    for (const worker of frozen) await signalProcess(worker, 'SIGCONT');
  }
  // Awake, the relay's connection is gone: it ends and is started anew. The projector has lost its membership.
  await waitFor('the relay to be started anew', () => pipeline.incarnations(owner) > 1, { timeoutMs: 30_000 });
  const more = await lab.run([
    { ...writer, options: { ...writer.options, runId: 'more', count: 200 }, name: 'transfer-writer-2' },
  ]);
  await more.finished('transfer-writer-2', 30_000);
  await caughtUp(lab, 'all to be applied');
  expect(
    await lab.counts(
      `SELECT COUNT(*) - COUNT(DISTINCT dedup_key) AS doubled, SUM(delta) AS total,
              (SELECT SUM(balance) FROM account_projection) AS projected,
              (SELECT COUNT(*) FROM outbox_event WHERE status <> 'SENT') AS unsent FROM applied_effect`,
    ),
  ).toEqual({ doubled: 0, total: 0, projected: 0, unsent: 0 });
}, 180_000);
