import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type Connection, mysqlConnection } from '../mysql/pool.ts';
import type { Subject } from '../probes/probe.ts';
import type { LabTarget } from '../target.ts';
import { openedScope } from '../testing/opened-scope.ts';
import { plantMoney } from '../testing/plant-money.ts';
import { duplicates } from './duplicates.ts';
import { diagnose } from './run.ts';

let target: LabTarget;
let connection: Connection;

beforeEach(async () => {
  ({ target, connection } = await openedScope());
});

const ask = (subject: Subject = {}, roles: Partial<RoleMap> = {}) =>
  diagnose({ diagnosis: duplicates, target: { ...target, roles: { ...target.roles, ...roles } }, subject });

const copyOf = (key: string, change: { delta?: number; offset?: number } = {}) =>
  connection.query(
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
     SELECT dedup_key, account_id, account_seq, ${change.delta ?? 'delta'}, partition_id, ${change.offset ?? 'record_offset'}
     FROM applied_effect WHERE dedup_key = ? ORDER BY id LIMIT 1`,
    [key],
  );

const keysOf = ({ findings }: { findings: readonly { key: string }[] }) => findings.map(({ key }) => key).sort();

test('each doubled effect is found with its rows, and nothing else', async () => {
  await plantMoney(connection, { accounts: 20, legsPerAccount: 10 });
  expect(await ask()).toMatchObject({ status: 'clean', counts: { effects: 200, doubled: 0, accounts: 20 } });
  // One record applied twice; one event sent twice and applied from both; two different amounts under one key.
  await copyOf('tx-3-2:3');
  await copyOf('tx-4-7:4', { offset: 990 });
  await copyOf('tx-5-1:5', { delta: 77 });
  // The projection was told of a fourth that the journal does not hold.
  await connection.query(
    'UPDATE account_projection SET applied_count = applied_count + 2, balance = balance + 50 WHERE account_id = 9',
  );
  // What a backfill has summed up since is right again.
  await copyOf('tx-6-4:6');
  await connection.query('UPDATE account_projection SET folded_seq = 4 WHERE account_id = 6');
  const answer = await ask();
  expect(keysOf(answer)).toEqual(['conflicting.tx-5-1:5', 'doubled.tx-3-2:3', 'doubled.tx-4-7:4', 'overcounted.9']);
  expect(answer.status).toBe('finding');
  expect(answer.counts).toEqual({
    effects: 204,
    doubled: 3,
    conflicting: 1,
    absorbed: 1,
    accounts: 20,
    overcounted: 1,
  });
  const found = new Map(answer.findings.map((finding) => [finding.key, finding]));
  expect(found.get('doubled.tx-3-2:3')?.text.en).toContain('2 times from one record (3/2): account 3 is off by 302');
  expect(
    found.get('doubled.tx-3-2:3')?.evidence.map(({ delta, partition, offset }) => [delta, partition, offset]),
  ).toEqual([
    ['302', 3, '2'],
    ['302', 3, '2'],
  ]);
  expect(found.get('doubled.tx-4-7:4')?.text.en).toContain('from different records');
  expect(found.get('conflicting.tx-5-1:5')?.text.en).toContain('is off by 77');
  expect(found.get('overcounted.9')).toMatchObject({
    rung: 'ledger against projection',
    evidence: [{ applied_count: '12', version: '10' }],
  });
  expect(found.get('overcounted.9')?.text.en).toContain('2 more effects than it has ledger legs, and is off by 50');
  expect(answer.explanation.en).toContain(`add up to ${302 + 407 + 77 + 50}, signs aside`);

  expect(keysOf(await ask({ keys: ['tx-4-7:4'] }))).toEqual(['doubled.tx-4-7:4']);
  expect(keysOf(await ask({ txId: 'tx-5-1' }))).toEqual(['conflicting.tx-5-1:5']);
  expect(keysOf(await ask({ accountId: 9n }))).toEqual(['overcounted.9']);
  expect(await ask({ accountId: 7n })).toMatchObject({ status: 'clean', counts: { effects: 10, accounts: 1 } });
  expect(await ask({ keys: ['nobody'] })).toMatchObject({ status: 'unknown' });

  // A target without the journal: its counts are the next rung. Copies that were only in the journal are beyond it.
  const { effects: _, ...withoutJournal } = target.roles;
  const counts = await diagnose({ diagnosis: duplicates, target: { ...target, roles: withoutJournal } });
  expect(keysOf(counts)).toEqual(['overcounted.9']);
});

describe('a healthy system is silent', () => {
  test('an empty one has nothing to check', async () => {
    expect(await ask()).toMatchObject({ status: 'unknown', findings: [] });
  });

  test('a busy one, whose effects come while it is asked', async () => {
    await plantMoney(connection, { accounts: 20, legsPerAccount: 10, unapplied: 3 });
    const endpoint = inject('endpoints').mysql;
    const writer = await mysqlConnection({ endpoint, database: target.roles.database });
    onTestFinished(() => writer.end());
    const until = systemClock.monotonic() + 1_500;
    const writing = (async () => {
      for (let seq = 11; systemClock.monotonic() < until; seq += 1) {
        await plantMoney(writer, { accounts: 20, legsPerAccount: 1, firstSeq: seq, unapplied: seq % 2 });
      }
    })();
    const answers = [await ask()];
    while (systemClock.monotonic() < until) answers.push(await ask());
    await writing;
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'clean'));
  });
});

test('the ledger itself, where nothing rules out a second leg', async () => {
  await plantMoney(connection, { accounts: 5, legsPerAccount: 4 });
  await connection.query('CREATE TABLE legs (KEY by_tx (tx_id)) SELECT * FROM ledger_entry');
  const ledger = { ...target.roles.ledger, table: 'legs' } as NonNullable<RoleMap['ledger']>;
  expect(await ask({}, { ledger })).toMatchObject({ status: 'clean', counts: { ledgerLegs: 20, ledgerDoubled: 0 } });
  await connection.query("INSERT INTO legs SELECT * FROM ledger_entry WHERE tx_id = 'tx-2-3'");
  await connection.query(
    "INSERT INTO legs SELECT 900, tx_id, account_id, 9, 1, created_at FROM ledger_entry WHERE tx_id = 'tx-4-1'",
  );
  const answer = await ask({}, { ledger });
  expect(keysOf(answer)).toEqual(['ledger-conflicting.tx-4-1:4', 'ledger-doubled.tx-2-3:2']);
  expect(answer.counts).toMatchObject({ ledgerLegs: 22, ledgerDoubled: 2, ledgerConflicting: 1 });
  expect(keysOf(await ask({ txId: 'tx-2-3' }, { ledger }))).toEqual(['ledger-doubled.tx-2-3:2']);
});

test('without journal and counts the weaker rungs answer, each named', async () => {
  await plantMoney(connection, { accounts: 3, legsPerAccount: 4 });
  const { effects: _, projection: __, ...weak } = target.roles;
  const weakly = () => diagnose({ diagnosis: duplicates, target: { ...target, roles: weak } });
  const topic = target.roles.topics.events ?? '';
  const producer = kafkaClient({ brokers: target.endpoints.kafka, clientId: 'test.duplicates' }).producer();
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const record = (key: string) => ({ value: 'x', partition: 1, headers: { dedup_key: key } });
  await producer.send({ topic, acks: -1, messages: ['a:1', 'b:1', 'c:1'].map(record) });
  expect(await weakly()).toMatchObject({ status: 'clean', counts: { records: 3, processed: 12 } });
  await producer.send({ topic, acks: -1, messages: [record('b:1')] });
  await connection.query(
    `INSERT INTO processed_event_archive SELECT consumer, dedup_key, outcome, topic, partition_id, 77, processed_at
     FROM processed_event WHERE dedup_key IN ('tx-1-2:1', 'tx-3-3:3')`,
  );
  const answer = await weakly();
  expect(answer.findings.map(({ key, rung }) => `${key} ${rung}`).sort()).toEqual([
    'processed-twice.tx-1-2:1 processed_event alone',
    'processed-twice.tx-3-3:3 processed_event alone',
    'twice-in-topic.b:1 topic scan by dedup_key',
  ]);
});

test('a target that has none of it says so', async () => {
  const nothing = { database: target.roles.database, topics: {}, groups: {} };
  const answer = await diagnose({ diagnosis: duplicates, target: { ...target, roles: nothing } });
  expect(answer).toMatchObject({ status: 'unknown', reason: 'not mapped', findings: [] });
});
