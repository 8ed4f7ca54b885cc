import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { dedupKeyOf } from '../../infra/contract/dedup-key.ts';
import { eventTypes, toOutboxPayload } from '../../infra/contract/envelope.ts';
import { RefusedError, UserError } from '../../infra/errors.ts';
import { type Connection, mysqlConnection } from '../../infra/mysql/pool.ts';
import { ReadOnlyMysql } from '../../infra/mysql/read-only.ts';
import { freshScope } from '../../infra/testing/fresh-scope.ts';
import { claim } from './claim.ts';
import { decide } from './decide.ts';
import { heldIds, heldRows } from './held.ts';
import { attemptsMax, markFailed, markSent } from './mark.ts';
import { shardCount } from './shards.ts';

const shards = Array.from({ length: shardCount }, (_, shard) => shard);
const operator = { actor: 'kim@desk', reason: 'the account was closed by hand' };

interface Outbox {
  readonly connection: Connection;
  readonly another: Connection;
  readonly reader: ReadOnlyMysql;
  /** Writes a row of an account. @returns its id. */
  insert(txId: string, accountId: bigint): Promise<string>;
  /** What the real relay would send now. */
  sendable(): Promise<readonly string[]>;
  audit(): Promise<readonly RowDataPacket[]>;
}

async function outbox(): Promise<Outbox> {
  const endpoints = inject('endpoints');
  const { database } = await freshScope(endpoints);
  const [connection, another] = await Promise.all([
    mysqlConnection({ endpoint: endpoints.mysql, database }),
    mysqlConnection({ endpoint: endpoints.mysql, database }),
  ]);
  const reader = new ReadOnlyMysql(endpoints.mysql, database);
  onTestFinished(async () => {
    connection.destroy();
    another.destroy();
    await reader.close();
  });
  return {
    connection,
    another,
    reader,
    async insert(txId, accountId) {
      const dedupKey = dedupKeyOf(txId, accountId);
      const ids = { eventId: txId, dedupKey, traceId: txId, txId, accountId, eventType: eventTypes.changed };
      const payload = toOutboxPayload({ ...ids, schemaVersion: 1, occurredAtMs: 1, delta: 1n, accountSeq: 1n });
      const [result] = await connection.query(
        'INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload) VALUES (?, ?, ?, ?, ?)',
        [txId, dedupKey, eventTypes.changed, String(accountId), payload],
      );
      return String((result as { insertId: unknown }).insertId);
    },
    async sendable() {
      const rows = await claim(connection, { shards, limit: 100 });
      return rows.map((row) => ('event' in row ? row.event.dedupKey : row.id));
    },
    async audit() {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT * FROM outbox_audit ORDER BY id');
      return rows;
    },
  };
}

/** Account 1: `a` DEAD, `b` and `c` behind it. Account 9 of the same shard: `d` waits for its next attempt, `e` behind it. */
async function heldOutbox(): Promise<Outbox & { readonly a: string; readonly d: string }> {
  const box = await outbox();
  const a = await box.insert('a', 1n);
  await box.insert('b', 1n);
  const d = await box.insert('d', 9n);
  await box.insert('e', 9n);
  await box.insert('c', 1n);
  await box.insert('free', 2n);
  for (const [id, attempts] of [
    [a, attemptsMax - 1],
    [d, 3],
  ] as const)
    await box.connection.query('UPDATE outbox_event SET attempts = ? WHERE id = ?', [attempts, id]);
  await markFailed(box.connection, { id: a, attempts: attemptsMax - 1 }, 'too \u001b[31mlarge');
  await markFailed(box.connection, { id: d, attempts: 3 }, 'not yet');
  return { ...box, a, d };
}

test('what holds its key, and how much waits behind it', async () => {
  const { reader, a, d } = await heldOutbox();
  const { rows, more } = await heldRows(reader, { limit: 10 });
  expect(more).toBe(false);
  expect(rows).toMatchObject([
    { id: a, accountId: '1', status: 'DEAD', attempts: 5, nextAttemptInMs: null, lastError: 'too large', holdsBack: 2 },
    { id: d, accountId: '9', status: 'PENDING', attempts: 4, lastError: 'not yet', holdsBack: 1 },
  ]);
  expect(rows[1]?.nextAttemptInMs).toBeGreaterThan(0);
  expect(await heldRows(reader, { limit: 1 })).toMatchObject({ rows: [{ id: a }], more: true });
  expect([await heldIds(reader, '0', 10), await heldIds(reader, a, 10)]).toEqual([[a, d], [d]]);
});

test('a skipped row is never sent, and its key flows on; who decided and why is kept', async () => {
  const box = await heldOutbox();
  expect(await box.sendable()).toEqual(['free:2']);
  await decide(box.connection, { ...operator, action: 'skip', outboxId: box.a });
  expect(await box.sendable()).toEqual(['b:1', 'c:1', 'free:2']);
  expect(await heldRows(box.reader, { limit: 10 })).toMatchObject({ rows: [{ id: box.d }] });
  expect(await box.audit()).toMatchObject([
    {
      outbox_id: box.a,
      dedup_key: 'a:1',
      action: 'skip',
      from_status: 'DEAD',
      attempts: 5,
      last_error: 'too \u001b[31mlarge',
      actor: 'kim@desk',
      reason: operator.reason,
    },
  ]);
});

test('a retried row goes first again, from its first attempt, and its key behind it in order', async () => {
  const box = await heldOutbox();
  await decide(box.connection, { ...operator, action: 'retry', outboxId: box.a });
  await decide(box.connection, { ...operator, action: 'retry', outboxId: box.d });
  expect(await box.sendable()).toEqual(['a:1', 'b:1', 'd:9', 'e:9', 'c:1', 'free:2']);
  const [again] = await claim(box.connection, { shards, limit: 1 });
  expect(again).toMatchObject({ id: box.a, attempts: 0 });
  expect((await box.audit()).map((row) => `${row.action} ${row.from_status}`)).toEqual(['retry DEAD', 'retry PENDING']);
});

test('a row that holds nothing any more is refused and leaves no trace', async () => {
  const box = await heldOutbox();
  const free = await box.insert('later', 3n);
  const refused = (outboxId: string) =>
    expect(decide(box.connection, { ...operator, action: 'skip', outboxId })).rejects;
  await refused(free).toThrow(RefusedError);
  await decide(box.connection, { ...operator, action: 'retry', outboxId: box.a });
  await markSent(box.connection, [{ id: box.a, partition: 0, offset: '7' }]);
  await refused(box.a).toThrow('(SENT)');
  await refused('999999').toThrow(UserError);
  expect(await box.audit()).toHaveLength(1);
  expect(await box.sendable()).toContain('later:3');
});

test('of two operators at once one decides and the other is told', async () => {
  const box = await heldOutbox();
  const outcomes = await Promise.allSettled([
    decide(box.connection, { ...operator, action: 'skip', outboxId: box.a }),
    decide(box.another, { ...operator, action: 'retry', outboxId: box.a }),
  ]);
  const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(rejected).toHaveLength(1);
  expect(rejected[0]?.reason).toBeInstanceOf(RefusedError);
  expect(await box.audit()).toHaveLength(1);
});
