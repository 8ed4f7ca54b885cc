import { expect, inject, test } from 'vitest';
import { systemClock, waitFor } from '../../infra/clock.ts';
import { createNativeStack } from '../../infra/stack/native/native-stack.ts';
import type { NodeName } from '../../infra/stack/stack.ts';
import type { WorkerSpec } from './pipeline.ts';
import { labAccounts, laboratory } from './testing/laboratory.ts';
import { judgedTruth } from './testing/truth.ts';

const outageMs = Number(process.env.LABCTL_PROOF_OUTAGE_MS ?? 60_000);
const transfersPerSecond = 50;
const brokers: readonly NodeName[] = ['kafka-1', 'kafka-2', 'kafka-3'];

const specs: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: { firstRetryMs: 1_000, secondRetryMs: 3_000 } },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: {} },
  {
    worker: 'transfer-writer',
    name: 'transfer-writer',
    options: {
      ...labAccounts,
      runId: 'outage',
      seed: 1,
      transfersPerSecond,
      badShare: 0.05,
      badClasses: 'schema,validation',
    },
  },
];

test(`Kafka stopped for ${outageMs / 1_000} s under load: writes go on, the backlog drains, nothing dies`, async ({
  annotate,
}) => {
  const lab = await laboratory();
  const pipeline = await lab.run(specs);
  const stack = createNativeStack(inject('config'));
  const backlog = async (): Promise<number> =>
    (await lab.counts<'pending'>("SELECT COUNT(*) AS pending FROM outbox_event WHERE status = 'PENDING'")).pending;
  const committed = () => pipeline.counters('transfer-writer').ok ?? 0;
  await waitFor('some load', () => committed() > 200, { timeoutMs: 60_000 });
  await Promise.all(brokers.map((broker) => stack.kill(broker)));
  const atOutage = committed();
  let written: number;
  let backlogMax: number;
  try {
    await systemClock.sleep(outageMs); // the outage is what is measured
    written = committed() - atOutage;
    backlogMax = await backlog();
  } finally {
    const signal = AbortSignal.timeout(180_000);
    for (const broker of brokers) await stack.start(broker, signal);
  }
  const backMs = systemClock.monotonic();
  await waitFor('the backlog to drain', async () => (await backlog()) < transfersPerSecond, {
    timeoutMs: 180_000,
    intervalMs: 200,
  });
  const drainedMs = systemClock.monotonic() - backMs;
  await pipeline.stop('transfer-writer');
  await waitFor(
    'every leg to be applied or dead',
    async () => {
      const truth = await judgedTruth(lab);
      return truth.lost.length === 0 && truth.unsent === 0 && truth.plantedNotDead.length === 0;
    },
    { timeoutMs: 120_000, intervalMs: 1_000 },
  );
  const truth = await judgedTruth(lab);
  const { dead, failures } = await lab.counts(
    `SELECT (SELECT COUNT(*) FROM outbox_event WHERE status = 'DEAD') AS dead,
            (SELECT COALESCE(SUM(attempts), 0) FROM outbox_event) AS failures`,
  );
  await annotate(
    JSON.stringify({
      outageSeconds: outageMs / 1_000,
      writtenDuringOutage: written,
      writesPerSecond: Math.round((written / outageMs) * 1_000),
      backlogMax,
      drainedMs: Math.round(drainedMs),
      rowsDead: dead,
      attemptsCounted: failures,
      legs: truth.legs,
      planted: truth.planted.size,
      lost: truth.lost.length,
      appliedTwice: truth.appliedTwice,
      unsent: truth.unsent,
      relayIncarnations: pipeline.incarnations('outbox-relay'),
    }),
  );
  expect(written).toBeGreaterThan((transfersPerSecond * outageMs) / 1_000 / 2);
  expect(backlogMax).toBeGreaterThan(written);
  expect({ dead, failures }).toEqual({ dead: 0, failures: 0 });
  expect(truth).toMatchObject({
    lost: [],
    appliedTwice: 0,
    wrongEffects: 0,
    deadAndApplied: [],
    unsent: 0,
    deadUnplanted: [],
    plantedNotDead: [],
  });
});
