import { expect, inject, onTestFinished, test } from 'vitest';
import { freshScope } from '../testing/fresh-scope.ts';
import { acquireLease, releaseLeases, renewLeases } from './lease.ts';
import { type Connection, mysqlConnection } from './pool.ts';

const ttlMs = 60_000;

async function connect(database: string, owner: string): Promise<Connection> {
  const connection = await mysqlConnection({ endpoint: inject('endpoints').mysql, database, owner });
  onTestFinished(() => connection.destroy());
  return connection;
}

test('one holder at a time; given back or ended, the next one takes it with a higher epoch', async () => {
  const { database } = await freshScope(inject('endpoints'));
  const [first, second] = [await connect(database, 'one'), await connect(database, 'two')];

  const held = await acquireLease(first, { name: 'shard.1', owner: 'one', ttlMs });
  expect(held).toMatchObject({ epoch: 1n });
  expect(await acquireLease(second, { name: 'shard.1', owner: 'two', ttlMs })).toBeUndefined();
  expect(await acquireLease(first, { name: 'shard.1', owner: 'one', ttlMs })).toMatchObject({ epoch: 1n });

  await releaseLeases(first, held ? [held] : []);
  expect(await acquireLease(second, { name: 'shard.1', owner: 'two', ttlMs })).toMatchObject({ epoch: 2n });
  expect(await renewLeases(first, held ? [held] : [], ttlMs)).toBe(false);
});

test('a holder whose connection is gone is replaced at once, without waiting for the expiry', async () => {
  const { database } = await freshScope(inject('endpoints'));
  const [first, second] = [await connect(database, 'one'), await connect(database, 'two')];
  await acquireLease(first, { name: 'shard.1', owner: 'one', ttlMs });
  await first.end();
  expect(await acquireLease(second, { name: 'shard.1', owner: 'two', ttlMs })).toMatchObject({ epoch: 2n });
});

test('taking over an expired lease kills the connection of its frozen holder, and of nobody else', async () => {
  const { database } = await freshScope(inject('endpoints'));
  const [frozen, second, bystander] = [
    await connect(database, 'one'),
    await connect(database, 'two'),
    await connect(database, 'three'),
  ];
  await acquireLease(frozen, { name: 'shard.1', owner: 'one', ttlMs: 0 });
  expect(await acquireLease(second, { name: 'shard.1', owner: 'two', ttlMs })).toMatchObject({ epoch: 2n });
  await expect(frozen.query('SELECT 1')).rejects.toThrow();
  await expect(bystander.query('SELECT 1')).resolves.toBeDefined();

  // A reused connection id: the lease names the bystander's connection, but another owner.
  await second.query('UPDATE lease SET owner = ?, connection_id = ?, expires_at = NOW(6) WHERE name = ?', [
    'long gone',
    bystander.threadId,
    'shard.1',
  ]);
  expect(await acquireLease(second, { name: 'shard.1', owner: 'two', ttlMs })).toMatchObject({ epoch: 3n });
  await expect(bystander.query('SELECT 1')).resolves.toBeDefined();
});
