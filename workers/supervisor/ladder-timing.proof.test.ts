import { expect, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import type { WorkerSpec } from './pipeline.ts';
import { labAccounts, laboratory } from './testing/laboratory.ts';

const seconds = Number(process.env.LABCTL_PROOF_SECONDS ?? 60);

const specs: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: {} },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: {} },
];
const writer = (transfersPerSecond: number, badShare: number): WorkerSpec => ({
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: {
    ...labAccounts,
    runId: 'ladder',
    seed: 2,
    count: seconds * transfersPerSecond,
    transfersPerSecond,
    badShare,
    badClasses: 'validation',
  },
});

test.for([
  { transfersPerSecond: 50, badShare: 0.1, what: 'a few failing' },
  { transfersPerSecond: 60, badShare: 1, what: 'a stream of failing' },
])('the ladder of 5 s and 1 min, $what: due against actual', async ({ transfersPerSecond, badShare }, { annotate }) => {
  const lab = await laboratory();
  await lab.run(specs);
  const load = await lab.run([writer(transfersPerSecond, badShare)]);
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
      transfersPerSecond,
      badShare,
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
