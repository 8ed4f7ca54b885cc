import { expect, test } from 'vitest';
import { systemClock, waitFor } from '../../infra/clock.ts';
import { identify, signalProcess } from '../../infra/process.ts';
import { seededRandom } from '../domain/random.ts';
import type { Pipeline, SupervisorEvent, WorkerSpec } from './pipeline.ts';
import { type Laboratory, labAccounts, laboratory } from './testing/laboratory.ts';
import { judgedTruth } from './testing/truth.ts';

const kills = Number(process.env.LABCTL_PROOF_KILLS ?? 50);
const seed = Number(process.env.LABCTL_PROOF_SEED ?? systemClock.now() % 100_000);
const badShare = 0.05;
const transfersPerSecond = 40;

const services: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: { firstRetryMs: 1_000, secondRetryMs: 3_000 } },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: {} },
  { worker: 'cache-invalidator', name: 'cache-invalidator', options: {} },
  { worker: 'balance-reader', name: 'balance-reader', options: { ...labAccounts, readsPerSecond: 50 } },
  {
    worker: 'transfer-writer',
    name: 'transfer-writer',
    options: { ...labAccounts, runId: 'storm', seed, transfersPerSecond, badShare },
  },
];

/** The load goes on while the other writer is dead or starting. */
const steadyWriter: WorkerSpec = {
  worker: 'transfer-writer',
  name: 'transfer-writer-steady',
  options: { ...labAccounts, runId: 'steady', seed: seed + 1, transfersPerSecond, badShare },
};

/** Kills the worker again and again at random moments of its work: each time after that very process became ready. */
async function storm(
  { pipeline, events }: { pipeline: Pipeline; events: readonly SupervisorEvent[] },
  name: string,
  random: () => number,
): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    const before = pipeline.incarnations(name);
    const isReady = (): number | undefined => {
      const pid = pipeline.pidOf(name);
      return events.some((event) => event.kind === 'ready' && event.worker === name && event.pid === pid)
        ? pid
        : undefined;
    };
    const pid = await waitFor(`${name} to be ready`, isReady, { timeoutMs: 120_000 });
    await systemClock.sleep(random() * 3_000);
    const victim = await identify(pid);
    if (victim === undefined || !(await signalProcess(victim, 'SIGKILL'))) {
      kill -= 1; // it was just between two lives
      continue;
    }
    await waitFor(`${name} to be started anew`, () => pipeline.incarnations(name) > before, { timeoutMs: 60_000 });
  }
}

/** Where the events stand that are neither applied nor dead: how many, and a few of them. */
async function unsettled({ pool, counts }: Laboratory) {
  const where = `NOT EXISTS (SELECT 1 FROM applied_effect effect WHERE effect.dedup_key = written.dedup_key)
    AND NOT EXISTS (SELECT 1 FROM dlq_event letter WHERE letter.dedup_key = written.dedup_key)`;
  const total = await counts(
    `SELECT COUNT(*) AS events, SUM(status <> 'SENT') AS unsent FROM outbox_event written WHERE ${where}`,
  );
  const [examples] = await pool.query(
    `SELECT written.dedup_key, written.status, written.sent_partition, written.sent_offset, failure.topic,
            failure.record_offset, failure.attempt, failure.rung, failure.due_at, failure.settled_at
     FROM outbox_event written LEFT JOIN delivery_failure failure ON failure.dedup_key = written.dedup_key
     WHERE ${where} ORDER BY written.id LIMIT 20`,
  );
  const [offsets] = await pool.query('SELECT * FROM consumer_offset');
  const [beats] = await pool.query('SELECT worker, findings, counters, beat_at FROM worker_heartbeat');
  return { total, examples, offsets, beats };
}

test(`${kills} random kill -9 of each of ${services.length} workers under load, ${badShare * 100} % bad records`, async ({
  annotate,
}) => {
  const lab = await laboratory();
  // Nothing may expire: the dependency is off and the bad build deployed for the whole run.
  await lab.pool.query(
    "INSERT INTO lab_switch (name, value) VALUES ('dependency.fx-rates', 'off'), ('bug.BalanceAdjusted', 'on')",
  );
  const startMs = systemClock.monotonic();
  const pipeline = await lab.run([...services, steadyWriter]);
  await Promise.all(
    services.map(({ name }, index) => storm({ pipeline, events: lab.events }, name, seededRandom(seed + index))),
  );
  await Promise.all(['transfer-writer', steadyWriter.name].map((name) => pipeline.stop(name)));
  await waitFor(
    'every leg to be applied or dead',
    async () => {
      const { legs = 0, settled = 0 } = await lab.counts<'legs' | 'settled'>(
        `SELECT (SELECT COUNT(*) FROM ledger_entry) AS legs,
                (SELECT COUNT(DISTINCT dedup_key) FROM applied_effect)
                + (SELECT COUNT(DISTINCT dedup_key) FROM dlq_event) AS settled`,
      );
      return legs > 0 && settled >= legs;
    },
    { timeoutMs: 180_000, intervalMs: 500 },
  ).catch(async (error: unknown) => {
    await annotate(JSON.stringify(await unsettled(lab)));
    throw error;
  });
  const truth = await judgedTruth(lab);
  const { copies, letters, failures, duplicates } = await lab.counts(
    `SELECT (SELECT SUM(copies) FROM dlq_event) AS copies, (SELECT COUNT(*) FROM dlq_event) AS letters, (SELECT COUNT(*) FROM delivery_failure) AS failures,
            (SELECT COUNT(*) FROM delivery_failure WHERE rung = 'duplicate') AS duplicates`,
  );
  await annotate(
    JSON.stringify({
      seed,
      seconds: Math.round((systemClock.monotonic() - startMs) / 1_000),
      incarnations: Object.fromEntries(services.map(({ name }) => [name, pipeline.incarnations(name)])),
      legs: truth.legs,
      planted: truth.planted.size,
      lost: truth.lost.length,
      appliedTwice: truth.appliedTwice,
      deadUnplanted: truth.deadUnplanted.length,
      plantedNotDead: truth.plantedNotDead.length,
      misclassed: truth.misclassed.length,
      drift: truth.drift,
      unsent: truth.unsent,
      failedDeliveries: failures,
      deadLetters: letters,
      deadLetterCopies: copies,
      duplicatesNotedOnTheLadder: duplicates,
      redelivered: pipeline.counters('balance-projector').redelivered ?? 0,
    }),
  );
  for (const { name } of services) expect(pipeline.incarnations(name)).toBeGreaterThan(kills);
  expect(truth).toMatchObject({
    lost: [],
    appliedTwice: 0,
    wrongEffects: 0,
    deadAndApplied: [],
    deadUnplanted: [],
    plantedNotDead: [],
    misclassed: [],
    drift: 0,
    unsent: 0,
  });
  // The dead letters are as many as the planted events, not only the same set: none stands there twice.
  expect(letters).toBe(truth.planted.size);
  // Nothing passes because nothing happened.
  expect(truth.planted.size).toBeGreaterThan(kills);
  expect(pipeline.counters('balance-projector').redelivered ?? 0).toBeGreaterThan(0);
  expect(pipeline.counters('retry-forwarder').forwarded ?? 0).toBeGreaterThan(0);
});
