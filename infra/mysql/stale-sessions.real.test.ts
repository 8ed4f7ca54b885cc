import type { Connection } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../clock.ts';
import type { Scope } from '../contract/scope.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { mysqlConnection, mysqlPool } from './pool.ts';
import { endFrozenSessions } from './stale-sessions.ts';

const silentMs = 1_000;

/** A session of a worker that began a transaction and then says nothing. */
async function transactionOf(scope: Scope, owner: string, accountId: number): Promise<Connection> {
  const connection = await mysqlConnection({ endpoint: inject('endpoints').mysql, database: scope.database, owner });
  onTestFinished(() => connection.destroy());
  await connection.query('START TRANSACTION');
  await connection.query('INSERT INTO account (account_id) VALUES (?)', [accountId]);
  return connection;
}

const works = async (connection: Connection): Promise<boolean> =>
  connection.query('SELECT 1').then(
    () => true,
    () => false,
  );

test('ends who holds a transaction and is silent; not who beats, not another worker, not a young transaction', async () => {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const pool = mysqlPool({ endpoint: endpoints.mysql, database: scope.database, connections: 1 });
  onTestFinished(() => pool.end());
  const beat = () =>
    pool.query(`INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
                VALUES ('balance-projector-2', 4000002, 'x', '', '{}', '[]', NOW(6))
                ON DUPLICATE KEY UPDATE beat_at = NOW(6)`);
  const frozen = await transactionOf(scope, scope.clientId('balance-projector', 4_000_001), 1);
  const beating = await transactionOf(scope, scope.clientId('balance-projector-2', 4_000_002), 2);
  const other = await transactionOf(scope, scope.clientId('outbox-relay', 4_000_003), 3);
  const end = () =>
    endFrozenSessions(pool, { ownerPrefix: scope.clientId('balance-projector', 0).replace(/\.0$/, ''), silentMs });
  await beat();
  expect(await end()).toBe(0); // all of them are young
  const ended = await waitFor(
    'the transactions to grow old',
    async () => {
      await beat();
      return (await end()) || undefined;
    },
    { timeoutMs: 10_000, intervalMs: 200 },
  );
  expect(ended).toBe(1);
  expect([await works(frozen), await works(beating), await works(other)]).toEqual([false, true, true]);
});
