import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freshScope } from '../testing/fresh-scope.ts';
import { type Connection, mysqlPool, type Pool } from './pool.ts';
import { inTransaction } from './transaction.ts';

async function accounts(): Promise<Pool> {
  const endpoints = inject('endpoints');
  const { database } = await freshScope(endpoints);
  const pool = mysqlPool({ endpoint: endpoints.mysql, database, connections: 4 });
  onTestFinished(() => pool.end());
  await pool.query('INSERT INTO account (account_id, balance) VALUES (1, 100), (2, 100)');
  return pool;
}

const add = (connection: Pick<Connection, 'query'>, amount: number, account: number) =>
  connection.query('UPDATE account SET balance = balance + ? WHERE account_id = ?', [amount, account]);

async function balances(pool: Pool): Promise<string[]> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT balance FROM account ORDER BY account_id');
  return rows.map((row) => String(row.balance));
}

test('sessions are READ COMMITTED, in UTC', async () => {
  const pool = await accounts();
  const [rows] = await pool.query<RowDataPacket[]>('SELECT @@transaction_isolation AS isolation, @@time_zone AS zone');
  expect(rows[0]).toMatchObject({ isolation: 'READ-COMMITTED', zone: '+00:00' });
});

test('a failing transaction leaves nothing behind, and its connection is usable', async () => {
  const pool = await accounts();
  const failing = inTransaction(pool, async (connection) => {
    await add(connection, 50, 1);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await balances(pool)).toEqual(['100', '100']);
});

test('two transactions in opposite lock order: the deadlock victim is run again as a whole', async () => {
  const pool = await accounts();
  let arrived = 0;
  let bothHold = (): void => {};
  const holding = new Promise<void>((resolve) => {
    bothHold = resolve;
  });
  const errnos: number[] = [];
  const transfer = (from: number, to: number) => {
    let first = true;
    return inTransaction(
      pool,
      async (connection) => {
        await add(connection, -10, from);
        if (first) {
          first = false;
          arrived += 1;
          if (arrived === 2) bothHold();
          await holding;
        }
        await add(connection, 10, to);
      },
      { onRetry: (errno) => void errnos.push(errno) },
    );
  };
  await Promise.all([transfer(1, 2), transfer(2, 1)]);
  expect(errnos).toEqual([1213]);
  expect(await balances(pool)).toEqual(['100', '100']);
});

test('a lock wait timeout rolls the whole transaction back before it is run again: no half transfer', async () => {
  const pool = await accounts();
  const blocker = await pool.getConnection();
  await blocker.query('START TRANSACTION');
  await add(blocker, 0, 2);
  const errnos: number[] = [];
  await inTransaction(
    pool,
    async (connection) => {
      await connection.query('SET SESSION innodb_lock_wait_timeout = 1');
      await add(connection, -10, 1);
      await add(connection, 10, 2);
    },
    {
      onRetry: (errno) => {
        errnos.push(errno);
        blocker.query('ROLLBACK').then(() => blocker.release());
      },
    },
  );
  expect(errnos).toEqual([1205]);
  expect(await balances(pool)).toEqual(['90', '110']);
});
