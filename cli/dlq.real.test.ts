import { expect, inject, onTestFinished, test } from 'vitest';
import { kafkaClient } from '../infra/kafka/client.ts';
import { type Connection, mysqlConnection } from '../infra/mysql/pool.ts';
import { balanceCodec } from '../infra/registry/codec.ts';
import { freshScope } from '../infra/testing/fresh-scope.ts';
import { type PlantedDeadLetter, plantDeadLetters, twentyKinds } from '../infra/testing/plant-dead-letters.ts';
import type { RawInput } from './command.ts';
import { dlqList } from './commands/dlq-list.ts';
import { dlqShow } from './commands/dlq-show.ts';
import { toJson } from './output/json.ts';
import { runOnScope } from './testing/on-scope.ts';

const endpoints = inject('endpoints');

interface Prepared {
  readonly topic: string;
  readonly connection: Connection;
  list(raw?: RawInput, language?: 'ko' | 'en'): Promise<Seen>;
  show(id: string, change?: Partial<typeof endpoints>): Promise<Seen>;
}

interface Seen {
  readonly code: number;
  readonly text: string;
  readonly document: unknown;
}

async function prepared(): Promise<Prepared> {
  const { name: scope, database, topics } = await freshScope(endpoints);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database });
  onTestFinished(() => connection.end());
  const seen = async ({ document, exitCode, text }: Awaited<ReturnType<typeof runOnScope>>): Promise<Seen> => ({
    code: exitCode,
    text: await text(),
    document: JSON.parse(toJson(document, { pretty: false })),
  });
  return {
    topic: topics.dlq,
    connection,
    list: async (raw = {}, language) => seen(await runOnScope(dlqList, raw, { endpoints, scope, language })),
    show: async (id, change = {}) =>
      seen(await runOnScope(dlqShow, { id }, { endpoints: { ...endpoints, ...change }, scope })),
  };
}

const twentyKindsAt = (topic: string): readonly PlantedDeadLetter[] =>
  twentyKinds.flatMap((kind, index) =>
    Array.from({ length: index + 1 }, (_, copy) => ({ ...kind, topic, originOffset: index * 100 + copy })),
  );

test('a list of twenty kinds: a line a kind, of one class only, or one by one', async () => {
  const { topic, connection, list } = await prepared();
  expect(await list()).toMatchObject({ code: 0, text: 'There are no dead letters', document: { groups: [] } });
  await plantDeadLetters(connection, twentyKindsAt(topic));
  const all = await list();
  expect(all.code).toBe(0);
  expect(all.text.split('\n').filter((row) => /^(schema|validation|transient|bug|unknown) /.test(row))).toHaveLength(
    20,
  );
  expect(all.text).toContain('210 dead letters: unknown 74 · bug 58 · transient 42 · validation 26 · schema 10');
  const bugs = await list({ class: 'bug' }, 'ko');
  expect(bugs.text).toMatch(/^분류 +이벤트 종류/);
  expect(bugs.document).toMatchObject({
    schema: 'labctl.dlq.list/1',
    deadLetters: { rows: 58, exact: true },
    copies: '58',
    groups: [{ rows: 16 }, { rows: 15 }, { rows: 14 }, { rows: 13 }],
  });
  expect((await list({ limit: '3' })).document).toMatchObject({ more: true, groups: [{}, {}, {}] });
  const flat = await list({ flat: true, limit: '2', class: 'schema' });
  expect(flat.document).toMatchObject({
    schema: 'labctl.dlq.letters/1',
    more: true,
    letters: [{ id: '10', class: 'schema', eventType: 'BalanceAdjusted' }, { id: '9' }],
  });
  await expect(list({ class: 'bugs' })).rejects.toThrow('there is no class "bugs"');
});

/** Sends a record to the DLQ and indexes it. @returns the id of its row. */
async function dead(
  { topic, connection }: Prepared,
  value: Buffer,
  headers: Readonly<Record<string, Buffer | string>>,
): Promise<string> {
  const producer = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.dlq' }).producer();
  await producer.connect();
  const [sent] = await producer.send({ topic, acks: -1, messages: [{ partition: 1, key: '1204', value, headers }] });
  await producer.disconnect();
  const originOffset = Number(sent?.baseOffset) + 700;
  await plantDeadLetters(connection, [
    {
      ...{ class: 'schema', exception: 'DecodeError', message: 'no \u001b[31mframe', eventType: 'BalanceChanged' },
      ...{ topic, partition: 1, offset: Number(sent?.baseOffset), originOffset, copies: 2, dedupKey: 'tx-7:1204' },
    },
  ]);
  await connection.query('UPDATE dlq_event SET value_bytes = ? WHERE origin_offset = ?', [value.length, originOffset]);
  const [rows] = await connection.query('SELECT MAX(id) AS id FROM dlq_event');
  return String((rows as { id: unknown }[])[0]?.id);
}

test('one whole: headers, origin, deliveries, and the value by its schema with money whole', async () => {
  const lab = await prepared();
  const codec = await balanceCodec(endpoints.registry, lab.topic);
  const value = await codec.encode({
    ...{ eventId: 'e-7', dedupKey: 'tx-7:1204', eventType: 'BalanceChanged', schemaVersion: 1, occurredAtMs: 1 },
    ...{ traceId: 'tx-7', txId: 'tx-7', accountId: 1_204n, delta: -9_007_199_254_740_993n, accountSeq: 3n },
  });
  const id = await dead(lab, value, {
    dedup_key: 'tx-7:1204',
    'x-origin-offset': '700',
    raw: Buffer.from([0xff, 0xfe]),
    colour: 'a\u001b[31mb',
  });
  await lab.connection.query(
    `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at, failed_at)
     VALUES ('balance-projector', 'account.balance.v1', 0, 650, 'tx-7:1204', 1, 'retry.5s', 'transient', 'Timeout', 'm', NOW(6), NOW(6) - INTERVAL 60 SECOND),
            ('balance-projector', 'account.balance.v1', 0, 700, 'tx-7:1204', 2, 'dlq', 'schema', 'DecodeError', 'm', NULL, NOW(6))`,
  );
  const { code, text, document } = await lab.show(id);
  expect(code).toBe(0);
  expect(document).toMatchObject({
    schema: 'labctl.dlq.show/1',
    letter: { id, copies: 2, message: 'no frame', origin: { topic: 'account.balance.v1', offset: '700' } },
    deliveries: [
      { attempt: 1, rung: 'retry.5s' },
      { attempt: 2, rung: 'dlq', dueAt: null },
    ],
    handled: [],
    record: {
      status: 'found',
      key: { text: '1204' },
      value: {
        status: 'decoded',
        schemaId: value.readInt32BE(1),
        content: { event_id: 'e-7', payload: { account_id: '1204', delta: '-9007199254740993' } },
      },
    },
  });
  for (const part of [
    'x-origin-offset',
    '0xfffe',
    '"delta": "-9007199254740993"',
    'retry.5s',
    'the newest of 2 copies',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain(String.fromCodePoint(27));
});

test('what cannot be decoded is shown in hexadecimal, with why', async () => {
  const lab = await prepared();
  const id = await dead(lab, Buffer.from('not an event'), { dedup_key: 'tx-7:1204' });
  const { code, text, document } = await lab.show(id);
  expect([code, document]).toMatchObject([0, { record: { value: { status: 'raw', bytes: 12 } } }]);
  expect(text).toContain('cannot be decoded: does not begin with a registry frame');
  expect(text).toContain('00000000  6e 6f 74 20 61 6e 20 65  76 65 6e 74');
});

test('a record that expired, one that is another now, a Kafka that is down: each says so, the row is shown', async () => {
  const lab = await prepared();
  const id = await dead(lab, Buffer.from('first'), { dedup_key: 'tx-7:1204' });
  const other = await dead(lab, Buffer.from('second'), { dedup_key: 'tx-8:1204' });
  expect(await lab.show(other)).toMatchObject({ code: 0, document: { record: { status: 'gone', reason: 'another' } } });
  const down = await lab.show(id, { kafka: ['127.0.0.1:1'] });
  expect(down).toMatchObject({ code: 2, document: { letter: { id }, record: { status: 'unknown' } } });
  expect(down.text).toMatch(/^dead letter 1 {2}schema · DecodeError/);

  const admin = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.dlq' }).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(lab.topic); // kafkajs deletes only in topics whose metadata it has
  await admin.deleteTopicRecords({ topic: lab.topic, partitions: [{ partition: 1, offset: '1' }] });
  await admin.disconnect();
  const expired = await lab.show(id);
  expect(expired).toMatchObject({ code: 0, document: { record: { status: 'gone', reason: 'expired' } } });
  expect(expired.text).toContain('the record has expired');
  await expect(lab.show('999')).rejects.toThrow('there is no dead letter 999');
  await expect(lab.show('1 OR 1')).rejects.toThrow('there is no dead letter');
});
