import { expect, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import { signalProcess } from '../../infra/process.ts';
import type { WorkerSpec } from './pipeline.ts';
import { owningRelay, pairedServices, runningProcess, unapplied } from './testing/freezing.ts';
import { type Laboratory, labAccounts, laboratory } from './testing/laboratory.ts';

const writer: WorkerSpec = {
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: { ...labAccounts, runId: 'test', seed: 1, count: 1_500, transfersPerSecond: 100 },
};

const caughtUp = (lab: Laboratory, what: string): Promise<true> =>
  waitFor(
    what,
    async () => {
      const { legs, waiting } = await unapplied(lab);
      return legs > 0 && waiting === 0;
    },
    { timeoutMs: 60_000 },
  );

test('a frozen relay and a frozen projector are taken over, and double nothing when they wake', async () => {
  const lab = await laboratory();
  const pipeline = await lab.run(pairedServices);
  const load = await lab.run([writer]);
  await waitFor(
    'effects',
    async () => ((await lab.counts('SELECT COUNT(*) AS effects FROM applied_effect')).effects ?? 0) > 300,
    { timeoutMs: 30_000 },
  );
  const { owner, standby } = await owningRelay(lab);
  const frozen = await Promise.all([owner, 'balance-projector'].map((name) => runningProcess(pipeline, name)));
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
