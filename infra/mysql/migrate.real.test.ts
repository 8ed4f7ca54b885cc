import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { migrate, migrationLock, statementsOf } from './migrate.ts';
import { mysqlConnection } from './pool.ts';

const endpoint = inject('endpoints').mysql;
const folder = join(packageRoot, 'infra', 'mysql', 'migrations');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort();

/** A database whose caller was killed within a migration: those before it are applied, and of it some statements. */
async function killedWithin(name: string, statements: number, { noted = true } = {}) {
  const database = `lab_killed_${name.slice(0, 4)}_${statements}${noted ? '' : '_x'}`;
  const connection = await mysqlConnection({ endpoint, owner: 'test' });
  onTestFinished(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${database}`);
    await connection.end();
  });
  await connection.query(`DROP DATABASE IF EXISTS ${database}`);
  await migrate(endpoint, database);
  const whole = await columnsOf(database);
  await connection.query(`DROP DATABASE ${database}`);
  await connection.query(`CREATE DATABASE ${database}`);
  await connection.changeUser({ database });
  await connection.query(
    'CREATE TABLE migration (name VARCHAR(100) PRIMARY KEY, applied_at DATETIME(6) DEFAULT NOW(6))',
  );
  await connection.query('CREATE TABLE migration_begun (name VARCHAR(100) NOT NULL PRIMARY KEY)');
  for (const before of names.filter((one) => one < name)) {
    for (const statement of statementsOf(readFileSync(join(folder, before), 'utf8'))) await connection.query(statement);
    await connection.query('INSERT INTO migration (name) VALUES (?)', [before]);
  }
  if (noted) await connection.query('INSERT INTO migration_begun VALUES (?)', [name]);
  const own = statementsOf(readFileSync(join(folder, name), 'utf8')).slice(0, statements);
  for (const statement of own) await connection.query(statement);
  return { database, whole };
}

async function columnsOf(database: string): Promise<readonly string[]> {
  const connection = await mysqlConnection({ endpoint, owner: 'test' });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name FROM information_schema.columns
       WHERE TABLE_SCHEMA = ? AND TABLE_NAME NOT LIKE 'migration%' ORDER BY 1`,
      [database],
    );
    return rows.map((row) => String(row.name));
  } finally {
    await connection.end();
  }
}

const moments = names.flatMap((name) => {
  const { length } = statementsOf(readFileSync(join(folder, name), 'utf8'));
  return [Math.ceil(length / 2), length].map((statements) => ({ name, statements }));
});

test.each(moments)('killed after $statements statements of $name, it is finished by the next', async (moment) => {
  const { database, whole } = await killedWithin(moment.name, moment.statements);
  expect((await migrate(endpoint, database))[0]).toBe(moment.name);
  expect(await columnsOf(database)).toEqual(whole);
  expect(await migrate(endpoint, database)).toEqual([]);
});

test('a table that no migration of ours began is not taken for one that it made', async () => {
  const { database } = await killedWithin(names[0] ?? '', 1, { noted: false });
  await expect(migrate(endpoint, database)).rejects.toThrow(/already exists/);
});

test('while another holds the lock nothing is migrated, and the caller is told', async () => {
  const database = 'lab_locked';
  const other = await mysqlConnection({ endpoint, owner: 'test' });
  onTestFinished(async () => {
    await other.query(`DROP DATABASE IF EXISTS ${database}`);
    await other.end();
  });
  await other.query('SELECT GET_LOCK(?, 0)', [migrationLock(database)]);
  const waiting = migrate(endpoint, database, { lockTimeoutS: 1 });
  await expect(waiting).rejects.toMatchObject({ name: 'EngineError', why: 'another migration is under way' });
  expect(await columnsOf(database)).toEqual([]);
  await other.query('SELECT RELEASE_LOCK(?)', [migrationLock(database)]);
  expect(await migrate(endpoint, database)).toEqual(names);
});
