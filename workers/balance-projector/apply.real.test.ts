import type { KafkaMessage } from 'kafkajs';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { Scope } from '../../infra/contract/scope.ts';
import { mysqlConnection, mysqlPool, type Pool } from '../../infra/mysql/pool.ts';
import { seedAccounts } from '../../infra/scope/accounts.ts';
import { freshScope } from '../../infra/testing/fresh-scope.ts';
import { loadFailureRules } from '../domain/failure-rules.ts';
import { ladderOf } from '../domain/retry-ladder.ts';
import { eventOf } from '../domain/transfer.ts';
import { createCounters } from '../host/counters.ts';
import { applyBatch, type Delivery } from './apply.ts';
import { failedDelivery } from './failure.ts';
import { locksOfFrozenOwners } from './frozen-owners.ts';

async function projection(): Promise<{
  scope: Scope;
  pool: Pool;
  apply(deliveries: Delivery[], onRetry?: (errno: number) => Promise<void>): ReturnType<typeof applyBatch>;
}> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const { database } = scope;
  const pool = mysqlPool({ endpoint: endpoints.mysql, database, connections: 4 });
  onTestFinished(() => pool.end());
  await seedAccounts(endpoints, scope, { first: 1, count: 10 });
  const batch = {
    consumer: 'test',
    topic: 'events',
    partition: 0,
    undecodable: [],
    earlier: [],
    span: ['0', '0'] as const,
    judge: () => undefined,
  };
  return { scope, pool, apply: (deliveries, onRetry) => applyBatch(pool, { ...batch, deliveries }, onRetry) };
}

let nextOffset = 0;
function delivery(accountId: bigint, accountSeq: bigint, delta: bigint): Delivery {
  const txId = `t${accountSeq}`;
  const event = eventOf({ accountId, delta }, { txId, eventId: txId, accountSeq, atMs: 1 });
  return { event, message: { offset: String(nextOffset++) } };
}

async function stateOf(pool: Pool): Promise<Record<string, unknown>[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    'SELECT account_id, balance, version, applied_count, folded_seq FROM account_projection ORDER BY account_id',
  );
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])));
}

test('adds deltas, counts them, and absorbs what comes again, in the batch or later', async () => {
  const { pool, apply } = await projection();
  const first = delivery(1n, 1n, 100n);
  expect(await apply([first, delivery(1n, 2n, -30n), delivery(2n, 1n, 30n), first])).toMatchObject({ redelivered: 1 });
  expect(await apply([{ ...first, message: { offset: '999' } }, delivery(1n, 3n, 5n)])).toMatchObject({
    redelivered: 1,
    folded: 0,
  });
  expect(await stateOf(pool)).toEqual([
    { account_id: '1', balance: '75', version: '3', applied_count: '3', folded_seq: '0' },
    { account_id: '2', balance: '30', version: '1', applied_count: '1', folded_seq: '0' },
  ]);
  const [effects] = await pool.query<RowDataPacket[]>('SELECT COUNT(*) AS rows_written FROM applied_effect');
  expect(Number(effects[0]?.rows_written)).toBe(4);
});

test('an event at or below folded_seq is processed and changes nothing', async () => {
  const { pool, apply } = await projection();
  await pool.query('INSERT INTO account_projection VALUES (1, 500, 10, 10, 10, NOW(6))');
  const outcome = await apply([delivery(1n, 9n, 1n), delivery(1n, 10n, 1n), delivery(1n, 11n, 7n)]);
  expect(outcome).toMatchObject({ folded: 2, redelivered: 0 });
  expect(outcome.applied).toHaveLength(1);
  expect(await stateOf(pool)).toMatchObject([{ balance: '507', version: '11', applied_count: '11' }]);
  const [rows] = await pool.query<RowDataPacket[]>('SELECT outcome FROM processed_event ORDER BY dedup_key');
  expect(rows.map(({ outcome: name }) => name).sort()).toEqual(['applied', 'folded', 'folded']);
});

test('two owners of a partition at once apply each event once', async () => {
  const { pool, apply } = await projection();
  const deliveries = Array.from({ length: 60 }, (_, index) => delivery(BigInt(1 + (index % 5)), BigInt(index + 1), 1n));
  const outcomes = await Promise.all([apply(deliveries), apply([...deliveries].reverse()), apply(deliveries)]);
  expect(outcomes.reduce((sum, { applied }) => sum + applied.length, 0)).toBe(60);
  const [rows] = await pool.query<RowDataPacket[]>(
    'SELECT SUM(balance) AS total, SUM(applied_count) AS applied FROM account_projection',
  );
  expect(rows[0]).toMatchObject({ total: '60', applied: '60' });
});

test('copies that fail absorb no later delivery of their event: each attempt goes its own way, once', async () => {
  const { pool } = await projection();
  const plan = { consumer: 'test', ladder: ladderOf(), rules: await loadFailureRules(undefined), nowMs: 1_000_000 };
  const failing = (offset: string, attempt: number) => {
    const { event } = delivery(1n, 1n, 1n);
    const headers = { dedup_key: event.dedupKey, 'x-attempt': String(attempt) };
    return { event, message: { offset, headers, key: null, value: null } as unknown as KafkaMessage };
  };
  const rungsOf = async (...copies: ReturnType<typeof failing>[]) => {
    const { failed } = await applyBatch(pool, {
      consumer: 'test',
      topic: 'events',
      partition: 0,
      span: [copies[0]?.message.offset ?? '0', copies.at(-1)?.message.offset ?? '0'],
      deliveries: copies,
      undecodable: [],
      earlier: [],
      judge: ({ message }) => failedDelivery({ topic: 'events', partition: 0, message }, new Error('no'), plan),
    });
    return failed.map(({ offset, rung }) => `${offset} to ${rung}`);
  };
  expect(await rungsOf(failing('10', 2))).toEqual(['10 to retry.1m']);
  // The forwarder died between send and commit: the second attempt again, and behind it already the third.
  expect(await rungsOf(failing('20', 2), failing('30', 3))).toEqual(['30 to dlq']);
  // Delivered again by a projector that died before it published: that very delivery is no copy of itself.
  expect(await rungsOf(failing('20', 2), failing('30', 3))).toEqual(['30 to dlq']);
  expect(await rungsOf(failing('10', 2))).toEqual(['10 to retry.1m']);
});

test('a frozen owner that holds rows is ended, and the batch goes through', async () => {
  const { scope, pool, apply } = await projection();
  await apply([delivery(1n, 1n, 100n)]);
  // As a projector that was stopped by SIGSTOP in the middle of its transaction: connected, silent, with no heartbeat.
  const owner = scope.clientId('balance-projector', 4_000_001);
  const frozen = await mysqlConnection({ endpoint: inject('endpoints').mysql, database: scope.database, owner });
  onTestFinished(() => frozen.destroy());
  await frozen.query('START TRANSACTION');
  await frozen.query('UPDATE account_projection SET balance = balance + 1000 WHERE account_id = 1');
  const counters = createCounters();
  const log = { info() {}, warn() {}, error() {} };
  await apply([delivery(1n, 2n, 5n)], locksOfFrozenOwners(pool, { scope, counters, log }));
  expect(counters.snapshot()).toMatchObject({ errno1205: 1, frozenEnded: 1 });
  expect(await stateOf(pool)).toMatchObject([{ balance: '105', version: '2', applied_count: '2' }]);
  await expect(frozen.query('COMMIT')).rejects.toThrow();
});
