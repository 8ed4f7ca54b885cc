import { expect, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import type { WorkerSpec } from './pipeline.ts';
import { labAccounts, laboratory } from './testing/laboratory.ts';

const count = Number(process.env.LABCTL_PROOF_TRANSFERS ?? 3_000);
const transfersPerSecond = 50;

const specs: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: {} },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: {} },
];
const writer: WorkerSpec = {
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: {
    ...labAccounts,
    runId: 'ladder',
    seed: 2,
    count,
    transfersPerSecond,
    badShare: 0.1,
    badClasses: 'validation',
  },
};

test('the ladder of 5 s and 1 min: due against actual, under load', async ({ annotate }) => {
  const lab = await laboratory();
  await lab.run(specs);
  const load = await lab.run([writer]);
  await load.finished('transfer-writer', 10 * 60_000);
  const planted = lab.journal().filter(({ kind }) => kind === 'planted').length;
  await waitFor(
    'all of them to be dead',
    async () => (await lab.counts<'dead'>('SELECT COUNT(*) AS dead FROM dlq_event')).dead === planted,
    { timeoutMs: 5 * 60_000, intervalMs: 500 },
  );
  const lateMs = lab
    .journal()
    .flatMap((entry) => (entry.kind === 'forwarded' ? [entry.at - entry.dueAt] : []))
    .sort((left, right) => left - right);
  const quantile = (share: number): number =>
    lateMs[Math.min(lateMs.length - 1, Math.floor(lateMs.length * share))] ?? -1;
  await annotate(
    JSON.stringify({
      planted,
      forwarded: lateMs.length,
      earlyBy: Math.min(0, quantile(0)),
      lateMs: { min: quantile(0), p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: quantile(1) },
    }),
  );
  expect(lateMs).toHaveLength(2 * planted);
  expect(quantile(0)).toBeGreaterThanOrEqual(0);
  expect(quantile(0.99)).toBeLessThan(2_000);
});
