import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { headersOf } from '../../infra/contract/headers.ts';
import { connectPlainProducer } from '../../infra/kafka/plain-producer.ts';
import { balanceCodec } from '../../infra/registry/codec.ts';
import { type PlantedClass, plantedClasses } from '../domain/planting.ts';
import { eventOf } from '../domain/transfer.ts';
import type { WorkerSpec } from './pipeline.ts';
import { type Laboratory, labAccounts, laboratory } from './testing/laboratory.ts';

const services = (secondRetryMs: number): readonly WorkerSpec[] => [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: { firstRetryMs: 300, secondRetryMs } },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: {} },
];
const writer = (count: number, badClasses: readonly PlantedClass[]): WorkerSpec => ({
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: { ...labAccounts, runId: 'test', seed: 3, count, badShare: 0.2, badClasses: badClasses.join(',') },
});

/** dedup_key → class, as the writer planted them into transfers that were committed. */
function planted(lab: Laboratory): ReadonlyMap<string, string> {
  const entries = lab.journal();
  const committed = new Set(entries.flatMap((entry) => (entry.kind === 'ok' ? [entry.txId] : [])));
  return new Map(
    entries.flatMap((entry) =>
      entry.kind === 'planted' && committed.has(entry.txId) ? [[entry.dedupKey, entry.class] as const] : [],
    ),
  );
}

async function deadLetters({ pool }: Laboratory): Promise<ReadonlyMap<string, string>> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT dedup_key, class FROM dlq_event');
  return new Map(rows.map((row) => [String(row.dedup_key), String(row.class)]));
}

async function settled(lab: Laboratory, dead: number): Promise<void> {
  await waitFor(
    'every leg to be applied or dead',
    async () => {
      const counts = await lab.counts<'legs' | 'applied' | 'dead'>(
        `SELECT (SELECT COUNT(*) FROM ledger_entry) AS legs, (SELECT COUNT(*) FROM applied_effect) AS applied,
                (SELECT COUNT(DISTINCT dedup_key) FROM dlq_event) AS dead`,
      );
      return counts.dead >= dead && counts.applied + counts.dead === counts.legs;
    },
    { timeoutMs: 60_000 },
  );
}

test('what fails in four classes ends in the DLQ, exactly that, classed right; everything else is applied', async () => {
  const lab = await laboratory();
  await lab.pool.query(
    "INSERT INTO lab_switch (name, value) VALUES ('dependency.fx-rates', 'off'), ('bug.BalanceAdjusted', 'on')",
  );
  await lab.run(services(900));
  const load = await lab.run([writer(300, plantedClasses)]);
  await load.finished('transfer-writer', 60_000);
  const expected = planted(lab);
  expect(new Set(expected.values())).toEqual(new Set(plantedClasses));
  await settled(lab, expected.size);
  expect(await deadLetters(lab)).toEqual(expected);
  const ladderCounts = await lab.counts(
    `SELECT SUM(class = 'schema') AS undecodable, SUM(class <> 'schema') AS others, MAX(attempt) AS attempts,
            SUM(class = 'schema' AND attempt > 1) AS undecodable_again FROM delivery_failure`,
  );
  const undecodable = [...expected.values()].filter((name) => name === 'schema').length;
  expect(ladderCounts).toMatchObject({ undecodable, attempts: 3, undecodable_again: 0 });
  expect(ladderCounts.others).toBe(3 * (expected.size - undecodable));
  // One copy each: nothing was sent twice, and the index counted none twice.
  expect(await lab.counts('SELECT MAX(copies) AS copies FROM dlq_event')).toEqual({ copies: 1 });
  const due = lab.journal().flatMap((entry) => (entry.kind === 'forwarded' ? [entry.at - entry.dueAt] : []));
  expect(due.length).toBe(2 * (expected.size - undecodable));
  expect(Math.min(...due)).toBeGreaterThanOrEqual(0);
});

test('a dependency that comes back: everything recovers on the ladder, nothing is dead, nothing applied twice', async () => {
  const lab = await laboratory();
  await lab.pool.query("INSERT INTO lab_switch (name, value) VALUES ('dependency.fx-rates', 'off')");
  await lab.run(services(8_000)); // time enough to see all fail once before the second attempt
  const load = await lab.run([writer(150, ['transient'])]);
  await load.finished('transfer-writer', 60_000);
  const failing = planted(lab).size;
  await waitFor(
    'every planted event to have failed',
    async () =>
      (await lab.counts('SELECT COUNT(DISTINCT dedup_key) AS failed FROM delivery_failure')).failed === failing,
    { timeoutMs: 30_000 },
  );
  await lab.pool.query('DELETE FROM lab_switch');
  await settled(lab, 0);
  const {
    dead,
    doubled,
    late,
    on_ladder: onLadder,
  } = await lab.counts(
    `SELECT (SELECT COUNT(*) FROM dlq_event) AS dead,
            (SELECT COUNT(*) - COUNT(DISTINCT dedup_key) FROM applied_effect) AS doubled,
            (SELECT COUNT(*) FROM delivery_failure WHERE settled_at IS NULL) AS on_ladder,
            (SELECT COUNT(DISTINCT failure.dedup_key) FROM delivery_failure failure
             JOIN applied_effect effect ON effect.dedup_key = failure.dedup_key) AS late`,
  );
  expect({ dead, doubled, late, onLadder }).toEqual({ dead: 0, doubled: 0, late: failing, onLadder: 0 });
});

test('records that no column can hold, and copies of one that fails, hold nobody up and are dead once', async () => {
  const lab = await laboratory();
  const endpoints = inject('endpoints');
  await lab.run(services(600));
  const codec = await balanceCodec(endpoints.registry, lab.scope.topics.events);
  const producer = await connectPlainProducer({ brokers: endpoints.kafka, clientId: 'test.hostile' });
  onTestFinished(() => producer.disconnect());
  const record = async (txId: string, change: Partial<BalanceChanged> = {}) => {
    const leg = { accountId: 1n, delta: 5n };
    const event = { ...eventOf(leg, { txId, eventId: txId, accountSeq: 1n, atMs: 1 }), ...change };
    return { partition: 0, key: '1', value: await codec.encode(event), headers: headersOf(event) };
  };
  const huge = 2n ** 63n - 1n;
  const unknown = await record('unknown', { accountId: 77_777n, dedupKey: 'unknown:77777' });
  await producer.send({
    topic: lab.scope.topics.events,
    messages: [
      await record('good-1'),
      await record('long', { dedupKey: `${'x'.repeat(97)}:1` }),
      await record('overflows', { delta: huge, dedupKey: 'overflows:1' }),
      unknown,
      { partition: 0, key: '1', value: null },
      await record('good-2'),
    ],
  });
  await waitFor(
    'the four dead letters',
    async () => (await lab.counts<'dead'>('SELECT COUNT(*) AS dead FROM dlq_event')).dead === 4,
    { timeoutMs: 40_000 },
  );
  // As a relay sends it that died between the ack and the mark.
  await producer.send({ topic: lab.scope.topics.events, messages: [unknown] });
  await waitFor(
    'the copy to be noted',
    async () => {
      const sql = "SELECT COUNT(*) AS noted FROM delivery_failure WHERE rung = 'duplicate'";
      return (await lab.counts<'noted'>(sql)).noted > 0;
    },
    { timeoutMs: 20_000 },
  );
  expect(
    await lab.counts(
      `SELECT (SELECT SUM(balance) FROM account_projection) AS balance, (SELECT COUNT(*) FROM applied_effect) AS applied,
              (SELECT SUM(class = 'validation') FROM dlq_event) AS invalid, (SELECT SUM(copies) FROM dlq_event) AS copies,
              (SELECT SUM(rung = 'duplicate') FROM delivery_failure) AS duplicates,
              (SELECT COUNT(*) FROM delivery_failure WHERE settled_at IS NULL) AS on_ladder`,
    ),
  ).toEqual({ balance: 10, applied: 2, invalid: 3, copies: 4, duplicates: 1, on_ladder: 0 });
});
