import { expect, inject, onTestFinished, test } from 'vitest';
import { kafkaClient } from '../../kafka/client.ts';
import { type Connection, mysqlConnection } from '../../mysql/pool.ts';
import { type LabTarget, labTarget } from '../../target.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { type PlantedDeadLetter, plantDeadLetters, twentyKinds } from '../../testing/plant-dead-letters.ts';
import { known, notMapped, unknownPart } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { type DlqGroups, dlqGroups } from './groups.ts';
import { countedRowsMax } from './groups-read.ts';
import { lookedAtMax } from './retry-ladder.ts';

interface Prepared {
  readonly target: LabTarget;
  readonly topic: string;
  readonly connection: Connection;
}

async function prepared(): Promise<Prepared> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  onTestFinished(() => target.close());
  onTestFinished(() => connection.end());
  return { target, topic: scope.topics.dlq, connection };
}

async function readingOf(target: LabTarget, before?: { readonly value: DlqGroups; readonly takenAtMs: number }) {
  const previous = before === undefined ? undefined : { status: 'ok' as const, ...before };
  const reading = await readOnce({ probe: dlqGroups, target, before: previous });
  if (reading.status !== 'ok') throw new Error(`dlq.groups is unknown: ${reading.reason}`);
  return reading;
}

const keysOf = (value: DlqGroups) => dlqGroups.judge(value).map(({ key }) => key);

/** Every kind as often as its place says: 1, 2 … 20. */
function twentyKindsAt(topic: string, change: Partial<PlantedDeadLetter> = {}): readonly PlantedDeadLetter[] {
  return twentyKinds.flatMap((kind, index) =>
    Array.from({ length: index + 1 }, (_, copy) => ({ ...kind, topic, originOffset: index * 100 + copy, ...change })),
  );
}

/** A failure of a delivery, due so many seconds from now (negative: past). */
async function fail(
  connection: Connection,
  {
    key,
    attempt,
    rung,
    dueInSeconds,
  }: { key: string | null; attempt: number; rung: string; dueInSeconds: number | null },
): Promise<void> {
  await connection.query(
    `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at)
     SELECT 'balance-projector', 'account.balance.v1', 0, COUNT(*), ?, ?, ?, 'transient', 'E', 'm', NOW(6) + INTERVAL ? SECOND FROM delivery_failure`,
    [key, attempt, rung, dueInSeconds],
  );
}

async function handle(connection: Connection, key: string): Promise<void> {
  await connection.query(
    `INSERT INTO processed_event (consumer, dedup_key, outcome, topic, partition_id, record_offset)
     VALUES ('balance-projector', ?, 'applied', 'account.balance.v1', 0, 1)`,
    [key],
  );
}

test('twenty kinds of dead letters are twenty groups, counted and dated', async () => {
  const { target, topic, connection } = await prepared();
  const [first, ...rest] = twentyKindsAt(topic, { deadSecondsAgo: 7_200 });
  if (first === undefined) throw new Error('nothing was planted');
  await plantDeadLetters(connection, [{ ...first, copies: 3 }, ...rest]);
  const last = twentyKinds.at(-1);
  if (last === undefined) throw new Error('there are no kinds');
  const message = 'a \u001b[31mred\u001b[0m one';
  await plantDeadLetters(connection, [
    { ...last, message, topic, originOffset: 9_000, deadSecondsAgo: 5, indexedSecondsAgo: 3_600 },
  ]);
  const { value } = await readingOf(target);
  expect(value.groups).toHaveLength(20);
  expect(value.groups.map(({ rows }) => rows)).toEqual([21, ...Array.from({ length: 19 }, (_, index) => 19 - index)]);
  expect(value.deadLetters).toEqual({ rows: 211, exact: true });
  expect(value.copies).toBe(213n);
  expect(value.byClass).toEqual([
    { class: 'unknown', rows: 75, copies: 75n },
    { class: 'bug', rows: 58, copies: 58n },
    { class: 'transient', rows: 42, copies: 42n },
    { class: 'validation', rows: 26, copies: 26n },
    { class: 'schema', rows: 10, copies: 12n },
  ]);
  expect(value.groups[0]).toMatchObject({
    class: 'unknown',
    eventType: 'BalanceClosed',
    newestMessage: 'a red one',
    newestDedupKey: 'tx-9000:1204',
    distinctMessages: 2,
    perMinute: { now: 0, before: undefined },
  });
  const { newestAgeMs, oldestAgeMs } = value.groups[0] ?? {};
  expect(newestAgeMs?.known && newestAgeMs.value).toBeLessThan(120_000);
  expect(oldestAgeMs?.known && oldestAgeMs.value).toBeGreaterThanOrEqual(7_200_000);
  // They have lain there for long: known work, no news.
  expect(keysOf(value)).toEqual([]);
});

test('that more of them come is found, with rate and kind; a first reading can tell it', async () => {
  const { target, topic, connection } = await prepared();
  await plantDeadLetters(connection, twentyKindsAt(topic));
  const [kind] = twentyKinds;
  if (kind === undefined) throw new Error('there are no kinds');
  const first = await readingOf(target);
  await plantDeadLetters(
    connection,
    [1, 2, 3].map((n) => ({ ...kind, topic, originOffset: 5_000 + n, deadSecondsAgo: 0 })),
  );
  const second = await readingOf(target, first);
  expect(second.value.lastMinute).toBe(3);
  expect(second.value.perSecond).toBeGreaterThan(0);
  expect(second.value.groups[0]).toMatchObject({ class: kind.class, rows: 4, perMinute: { now: 3, before: 0 } });
  expect(keysOf(second.value)).toEqual(['dlq.arriving']);
  expect(keysOf((await readingOf(target)).value)).toEqual(['dlq.arriving']);
  const third = await readingOf(target, second);
  expect(third.value.perSecond).toBe(0);
  expect(third.value.groups[0]?.perMinute).toEqual({ now: 3, before: 3 });
});

test('a clean lab and a busy one whose retries recover are silent', async () => {
  const { target, connection } = await prepared();
  const clean = await readingOf(target);
  expect(clean.value).toMatchObject({
    groups: [],
    deadLetters: { rows: 0, exact: true },
    ladder: known({ rungs: [], exact: true }),
  });
  expect(clean.value.unindexed).toMatchObject(known({ records: { atLeast: 0n, unknown: 0, parts: 3 }, stillMs: 0 }));
  expect(keysOf(clean.value)).toEqual([]);

  // Recovered on the first rung, on the second one, still waiting, and one due this very moment.
  for (let n = 0; n < 40; n++) {
    await fail(connection, { key: `a${n}:1`, attempt: 1, rung: 'retry.5s', dueInSeconds: -300 });
    await handle(connection, `a${n}:1`);
    await fail(connection, { key: `b${n}:1`, attempt: 1, rung: 'retry.5s', dueInSeconds: -120 });
    await fail(connection, { key: `b${n}:1`, attempt: 2, rung: 'retry.1m', dueInSeconds: -60 });
    await handle(connection, `b${n}:1`);
  }
  await fail(connection, { key: 'c:1', attempt: 1, rung: 'retry.5s', dueInSeconds: 4 });
  await fail(connection, { key: 'd:1', attempt: 1, rung: 'retry.5s', dueInSeconds: -1 });
  await fail(connection, { key: 'd:2', attempt: 2, rung: 'retry.1m', dueInSeconds: 55 });
  const busy = await readingOf(target, clean);
  expect(keysOf(busy.value)).toEqual([]);
  expect(busy.value.ladder).toMatchObject(
    known({
      rungs: [
        { rung: 'retry.5s', overdue: 0 },
        { rung: 'retry.1m', ahead: 1, due: 0, overdue: 0, oldestDueMs: null },
      ],
      exact: true,
    }),
  );
});

test('the ladder: what is due ahead, and what nobody came back for', async () => {
  const { target, connection } = await prepared();
  await fail(connection, { key: 'waits:1', attempt: 1, rung: 'retry.5s', dueInSeconds: 600 });
  await fail(connection, { key: 'late:1', attempt: 1, rung: 'retry.5s', dueInSeconds: -40 });
  // Failed again and is a dead letter now: not in retry. Without a key, only its consumer knows what became of it.
  await fail(connection, { key: 'dead:1', attempt: 1, rung: 'retry.1m', dueInSeconds: -90 });
  await fail(connection, { key: 'dead:1', attempt: 2, rung: 'dlq', dueInSeconds: null });
  await fail(connection, { key: null, attempt: 1, rung: 'retry.5s', dueInSeconds: -90 });
  await connection.query('UPDATE delivery_failure SET settled_at = NOW(6) WHERE dedup_key IS NULL');
  await fail(connection, { key: null, attempt: 1, rung: 'retry.5s', dueInSeconds: 700 });
  const { value } = await readingOf(target);
  const ladder = value.ladder.known ? value.ladder.value : undefined;
  expect(ladder?.rungs).toMatchObject([{ rung: 'retry.5s', ahead: 2, due: 1, overdue: 1 }]);
  const next = ladder?.rungs[0]?.nextInMs;
  expect(next).toBeGreaterThan(500_000);
  expect(next).toBeLessThanOrEqual(600_000);
  const oldest = ladder?.rungs[0]?.oldestDueMs;
  expect(oldest?.known && oldest.value).toBeGreaterThanOrEqual(40_000);
  expect(keysOf(value)).toEqual(['dlq.overdue.retry-5s']);
});

test('more rows than are looked at: at least so many', async () => {
  const { target, topic, connection } = await prepared();
  const [kind] = twentyKinds;
  if (kind === undefined) throw new Error('there are no kinds');
  await plantDeadLetters(
    connection,
    Array.from({ length: countedRowsMax + 5 }, (_, originOffset) => ({ ...kind, topic, originOffset })),
  );
  await connection.query(
    `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at)
     SELECT 'balance-projector', 'account.balance.v1', 0, origin_offset, dedup_key, 1, 'retry.5s', 'transient', 'E', 'm', NOW(6) + INTERVAL 60 SECOND
     FROM dlq_event WHERE origin_offset <= ?`,
    [lookedAtMax],
  );
  const { value } = await readingOf(target);
  expect(value.deadLetters).toEqual({ rows: countedRowsMax, exact: false });
  expect(value.ladder).toMatchObject(known({ exact: false, rungs: [{ ahead: lookedAtMax }] }));
  await connection.query('UPDATE delivery_failure SET settled_at = NOW(6) WHERE record_offset > 0');
  expect((await readingOf(target)).value.ladder).toMatchObject(known({ exact: true, rungs: [{ ahead: 1 }] }));
});

test('records that are not indexed are counted, and found when nobody indexes them', async () => {
  const { target, topic, connection } = await prepared();
  const producer = kafkaClient({ brokers: target.endpoints.kafka, clientId: 'test.dlq' }).producer();
  await producer.connect();
  const messages = [0, 0, 0, 2, 2].map((partition) => ({ partition, value: 'x' }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
  await connection.query(
    `INSERT INTO consumer_offset (consumer, topic, partition_id, next_offset) VALUES ('dlq-indexer', ?, 0, 2), ('other', ?, 2, 2)`,
    [topic, topic],
  );
  const first = await readingOf(target);
  expect(first.value.unindexed).toMatchObject(known({ records: { atLeast: 3n, unknown: 0, parts: 3 } }));
  expect(keysOf(first.value)).toEqual([]);
  // As if the first reading had been half a minute ago.
  const longAgo = structuredClone(first.value);
  const parts = longAgo.unindexed.known ? longAgo.unindexed.value.partitions : [];
  for (const { progress } of parts) if (progress !== undefined) Object.assign(progress, { committedSinceMs: 0 });
  expect(keysOf((await readingOf(target, { ...first, value: longAgo })).value)).toEqual(['dlq.unindexed']);
});

test('without Kafka the index is still read; what the target lacks is not mapped', async () => {
  const { target, topic, connection } = await prepared();
  await plantDeadLetters(connection, twentyKindsAt(topic));
  const alone = labTarget({ ...target.endpoints, kafka: ['127.0.0.1:1'] }, target.scope);
  onTestFinished(() => alone.close());
  const { value } = await readingOf(alone);
  expect(value.groups).toHaveLength(20);
  expect(value.unindexed).toMatchObject({ known: false, reason: expect.stringContaining('127.0.0.1:1') });
  expect(keysOf(value)).toEqual([]);

  const { deadLetters: _, ...without } = target.roles;
  const bare = await readOnce({ probe: dlqGroups, target: { ...target, roles: without }, before: undefined });
  expect(bare).toMatchObject({ status: 'unknown', reason: notMapped });
  const { deliveryFailures: _failures, deadLetterPositions: _positions, ...half } = target.roles;
  expect((await readingOf({ ...target, roles: half })).value).toMatchObject({
    deadLetters: { rows: 210 },
    ladder: unknownPart(notMapped),
    unindexed: unknownPart(notMapped),
  });
  await connection.query('DROP TABLE dlq_event');
  expect(await readOnce({ probe: dlqGroups, target, before: undefined })).toMatchObject({
    reason: expect.stringMatching(/^not mapped: no table \S*dlq_event$/),
  });
});
