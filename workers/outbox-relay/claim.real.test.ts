import { expect, inject, onTestFinished, test } from 'vitest';
import { dedupKeyOf } from '../../infra/contract/dedup-key.ts';
import { eventTypes, toOutboxPayload } from '../../infra/contract/envelope.ts';
import { type Connection, mysqlConnection } from '../../infra/mysql/pool.ts';
import { freshScope } from '../../infra/testing/fresh-scope.ts';
import { claim } from './claim.ts';
import { attemptsMax, markFailed, markSent } from './mark.ts';
import { shardCount } from './shards.ts';

const allShards = Array.from({ length: shardCount }, (_, shard) => shard);

async function outbox(): Promise<{ connection: Connection; insert(txId: string, accountId: bigint): Promise<void> }> {
  const endpoints = inject('endpoints');
  const { database } = await freshScope(endpoints);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database });
  onTestFinished(() => connection.destroy());
  return {
    connection,
    async insert(txId, accountId) {
      const dedupKey = dedupKeyOf(txId, accountId);
      const payload = toOutboxPayload({
        eventId: txId,
        dedupKey,
        eventType: eventTypes.changed,
        schemaVersion: 1,
        occurredAtMs: 1,
        traceId: txId,
        txId,
        accountId,
        delta: 1n,
        accountSeq: 1n,
      });
      await connection.query(
        'INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload) VALUES (?, ?, ?, ?, ?)',
        [txId, dedupKey, eventTypes.changed, String(accountId), payload],
      );
    },
  };
}

const keysOf = (rows: Awaited<ReturnType<typeof claim>>): string[] =>
  rows.map((row) => ('event' in row ? row.event.dedupKey : `problem ${row.id}`));

test('claims pending rows in order, of the given shards, up to the limit; sent ones never again', async () => {
  const { connection, insert } = await outbox();
  for (const [txId, account] of [
    ['a', 1n],
    ['b', 2n],
    ['c', 1n],
    ['d', 9n],
  ] as const)
    await insert(txId, account);
  expect(keysOf(await claim(connection, { shards: allShards, limit: 3 }))).toEqual(['a:1', 'b:2', 'c:1']);
  expect(keysOf(await claim(connection, { shards: [1], limit: 10 }))).toEqual(['a:1', 'c:1', 'd:9']); // 9 mod 8 = 1
  const [first] = await claim(connection, { shards: allShards, limit: 1 });
  expect(await markSent(connection, [{ id: first?.id ?? '', partition: 4, offset: '77' }])).toBe(1);
  expect(await markSent(connection, [{ id: first?.id ?? '', partition: 4, offset: '78' }])).toBe(0);
  expect(keysOf(await claim(connection, { shards: allShards, limit: 10 }))).toEqual(['b:2', 'c:1', 'd:9']);
});

test('a row that waits for its next attempt, and a DEAD one, hold back later rows of their key and of no other', async () => {
  const { connection, insert } = await outbox();
  for (const [txId, account] of [
    ['a', 1n],
    ['b', 1n],
    ['c', 9n],
    ['d', 2n],
  ] as const)
    await insert(txId, account);
  const [first] = await claim(connection, { shards: [1], limit: 1 });
  if (first === undefined) throw new Error('nothing was claimed');
  await markFailed(connection, first, 'too large');
  expect(keysOf(await claim(connection, { shards: allShards, limit: 10 }))).toEqual(['c:9', 'd:2']);

  await connection.query('UPDATE outbox_event SET attempts = ? WHERE id = ?', [attemptsMax - 1, first.id]);
  await markFailed(connection, { ...first, attempts: attemptsMax - 1 }, 'too large');
  expect(keysOf(await claim(connection, { shards: allShards, limit: 10 }))).toEqual(['c:9', 'd:2']);

  // An operator decided: it may go again, and its key with it, in order.
  await connection.query("UPDATE outbox_event SET status = 'PENDING', attempts = 0 WHERE id = ?", [first.id]);
  expect(keysOf(await claim(connection, { shards: [1], limit: 10 }))).toEqual(['a:1', 'b:1', 'c:9']);
});

test('a payload that cannot be read is that row’s own problem', async () => {
  const { connection, insert } = await outbox();
  await insert('a', 1n);
  await connection.query(`UPDATE outbox_event SET payload = '{"not": "an event"}'`);
  await insert('b', 2n);
  const rows = await claim(connection, { shards: allShards, limit: 10 });
  expect(rows.map((row) => 'problem' in row)).toEqual([true, false]);
});
