import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { waitFor } from '../clock.ts';
import { RefusedError } from '../errors.ts';
import { notMapped, notPermitted, UnknownValue } from '../probes/reading.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { quoteIdentifier } from './identifiers.ts';
import { mysqlConnection } from './pool.ts';
import { ReadOnlyMysql } from './read-only.ts';

async function prepared(): Promise<{ mysql: ReadOnlyMysql; database: string }> {
  const { database } = await freshScope(inject('endpoints'));
  const mysql = new ReadOnlyMysql(inject('endpoints').mysql, database);
  onTestFinished(() => mysql.close());
  return { mysql, database };
}

const anything = z.unknown();

test('the server itself refuses writes of this session, also inside a statement that begins as a read', async () => {
  const { mysql } = await prepared();
  const write = 'WITH one AS (SELECT 1 AS id) DELETE FROM account WHERE account_id IN (SELECT id FROM one)';
  await expect(mysql.query(write, [], anything)).rejects.toMatchObject({ engine: 'mysql', code: 1792 });
});

test.each(['INSERT INTO account (account_id) VALUES (1)', 'SET GLOBAL read_only = 0', 'KILL 1', 'DROP TABLE account'])(
  'never sends %s',
  async (sql) => {
    const { mysql } = await prepared();
    await expect(mysql.query(sql, [], anything)).rejects.toThrow(RefusedError);
  },
);

test('every connection of it is read-only', async () => {
  const { mysql } = await prepared();
  const sql = 'SELECT CONNECTION_ID() AS id, @@session.transaction_read_only AS read_only, SLEEP(0.2) AS slept';
  const row = z.object({ id: z.coerce.number(), read_only: z.coerce.number() });
  const sessions = (await Promise.all(Array.from({ length: 3 }, () => mysql.query(sql, [], row)))).flat();
  expect(new Set(sessions.map(({ id }) => id)).size).toBe(3);
  expect(sessions.every(({ read_only }) => read_only === 1)).toBe(true);
});

test('however many reads come at once, each has its turn', async () => {
  const { mysql } = await prepared();
  const one = z.object({ slept: z.coerce.number() });
  const asked = Array.from({ length: 60 }, () => mysql.query('SELECT SLEEP(0.02) AS slept', [], one));
  expect((await Promise.all(asked)).flat().filter(({ slept }) => slept === 0)).toHaveLength(60);
});

test('64-bit numbers arrive whole', async () => {
  const { mysql } = await prepared();
  const row = z.object({ big: z.coerce.bigint() });
  expect(await mysql.query('SELECT CAST(? AS SIGNED) AS big', ['9007199254740993'], row)).toEqual([
    { big: 9_007_199_254_740_993n },
  ]);
});

test('a table, column or database that is not there is not mapped, and named', async () => {
  const { mysql, database } = await prepared();
  const absent = new ReadOnlyMysql(inject('endpoints').mysql, 'lab_absent_database');
  onTestFinished(() => absent.close());
  const missing = (sql: string, reason: string, client = mysql): Promise<void> =>
    expect(client.query(sql, [], anything)).rejects.toThrow(new UnknownValue(`${notMapped}: ${reason}`));
  await missing('SELECT * FROM absent_table', `no table ${database}.absent_table`);
  await missing('SELECT a.`absent_column` FROM `account` a', 'no column a.absent_column in account');
  await missing('SELECT 1', "Unknown database 'lab_absent_database'", absent);
});

test('what the account may not read is not permitted', async () => {
  const { database } = await prepared();
  const { mysql: endpoint } = inject('endpoints');
  const admin = await mysqlConnection({ endpoint, database });
  const user = database.slice(0, 32);
  await admin.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'reader'`);
  onTestFinished(async () => {
    await admin.query(`DROP USER '${user}'@'%'`);
    await admin.end();
  });
  await admin.query(`GRANT SELECT ON ${quoteIdentifier(database)}.account TO '${user}'@'%'`);
  const mysql = new ReadOnlyMysql({ ...endpoint, user, password: 'reader' }, database);
  onTestFinished(() => mysql.close());
  expect(await mysql.query('SELECT * FROM account', [], anything)).toEqual([]);
  await expect(mysql.query('SELECT * FROM ledger_entry', [], anything)).rejects.toThrow(
    new UnknownValue(`${notPermitted}: SELECT on ledger_entry`),
  );
});

test('a read that takes too long is ended by the server, and the connection serves on', async () => {
  const { mysql } = await prepared();
  const slow =
    'SELECT COUNT(*) FROM information_schema.collations a, information_schema.collations b, information_schema.collations c, information_schema.collations d';
  await expect(mysql.query(slow, [], anything)).rejects.toMatchObject({ engine: 'mysql', code: 3024 });
  expect(await mysql.query('SELECT 1 AS one', [], z.object({ one: z.coerce.number() }))).toEqual([{ one: 1 }]);
});

test('a MySQL that is not there is an engine error', async () => {
  const mysql = new ReadOnlyMysql({ host: '127.0.0.1', port: 1, user: 'root', password: 'root' }, 'lab');
  onTestFinished(() => mysql.close());
  await expect(mysql.query('SELECT 1', [], anything)).rejects.toMatchObject({ engine: 'mysql', code: 'ECONNREFUSED' });
});

const count = z.object({ rows: z.coerce.number() });
const countAccounts = 'SELECT COUNT(*) AS `rows` FROM account';

test('a snapshot sees the database as it was at one moment', async () => {
  const { mysql, database } = await prepared();
  const writer = await mysqlConnection({ endpoint: inject('endpoints').mysql, database });
  onTestFinished(() => writer.end());
  await writer.query('INSERT INTO account (account_id) VALUES (1)');
  const seen = await mysql.snapshot(async (reader) => {
    await writer.query('INSERT INTO account (account_id) VALUES (2)');
    const [inside] = await reader.query(countAccounts, [], count);
    const [outside] = await mysql.query(countAccounts, [], count);
    await expect(reader.query('DELETE FROM account', [], anything)).rejects.toThrow(RefusedError);
    await expect(reader.query('SELECT * FROM absent', [], anything)).rejects.toThrow(
      new UnknownValue(`${notMapped}: no table ${database}.absent`),
    );
    return [inside?.rows, outside?.rows];
  });
  expect(seen).toEqual([1, 2]);
  expect(await mysql.longQuery(countAccounts, [], count)).toEqual([{ rows: 2 }]);
});

test('a snapshot whose time is up, or whose work fails, leaves no view open', async () => {
  const { mysql } = await prepared();
  const connectionId = 'SELECT CONNECTION_ID() AS `rows`';
  const open = 'SELECT COUNT(*) AS `rows` FROM information_schema.innodb_trx WHERE trx_mysql_thread_id IN (?, ?)';
  let [late, failing] = [0, 0];
  const tooLong = mysql.snapshot(
    async (reader) => {
      late = (await reader.query(connectionId, [], count))[0]?.rows ?? 0;
      await reader.query(countAccounts, [], count);
      await reader.query('SELECT SLEEP(20)', [], anything);
      await reader.query(countAccounts, [], count);
    },
    { timeoutMs: 1_000 },
  );
  await expect(tooLong).rejects.toMatchObject({ engine: 'mysql', code: 3024 });
  const failed = mysql.snapshot(async (reader) => {
    failing = (await reader.query(connectionId, [], count))[0]?.rows ?? 0;
    await reader.query(countAccounts, [], count);
    throw new TypeError('a bug of ours');
  });
  await expect(failed).rejects.toThrow(new TypeError('a bug of ours'));
  expect([late, failing]).not.toContain(0);
  await waitFor(
    'both views to be let go',
    async () => (await mysql.query(open, [late, failing], count))[0]?.rows === 0,
    { timeoutMs: 10_000 },
  );
});

test('a long read may take longer than a probe, which does not wait for it', async () => {
  const { mysql } = await prepared();
  const slow = 'SELECT SLEEP(2) AS `rows`';
  const long = Promise.all([mysql.longQuery(slow, [], count), mysql.longQuery(slow, [], count)]);
  expect(await mysql.query('SELECT 7 AS `rows`', [], count)).toEqual([{ rows: 7 }]);
  expect(await long).toEqual([[{ rows: 0 }], [{ rows: 0 }]]);
});
