import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { packageRoot } from '../package-root.ts';
import type { Endpoints } from '../stack/stack.ts';
import { mysqlConnection } from './pool.ts';

const folder = join(packageRoot, 'infra', 'mysql', 'migrations');

/** Which migrations a database has; whoever applies them notes them here, holding the lock of that database. */
export const migrationTable =
  'CREATE TABLE IF NOT EXISTS migration (name VARCHAR(100) NOT NULL PRIMARY KEY, applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))';

/** The name of a MySQL lock (GET_LOCK). */
export function migrationLock(database: string): string {
  return `labctl.migrate.${database}`.slice(0, 64);
}

/**
 * Creates the database if needed and applies, in the order of their names, the migrations it does not have yet.
 * Two callers at once take turns (GET_LOCK). MySQL commits each DDL statement by itself, so a migration that broke off in
 * the middle is a plain error to be looked at, never run again over half of itself.
 * @returns the names applied now.
 * @throws EngineError when MySQL cannot be reached.
 */
export async function migrate(endpoint: Endpoints['mysql'], database: string): Promise<readonly string[]> {
  const connection = await mysqlConnection({ endpoint, owner: 'migrate' });
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4`);
    await connection.changeUser({ database });
    await connection.query('SELECT GET_LOCK(?, 60)', [migrationLock(database)]);
    await connection.query(migrationTable);
    const [rows] = await connection.query<RowDataPacket[]>('SELECT name FROM migration');
    const applied = new Set(rows.map((row) => String(row.name)));
    const pending = (await readdir(folder)).filter((name) => name.endsWith('.sql') && !applied.has(name)).sort();
    for (const name of pending) {
      for (const statement of statementsOf(await readFile(join(folder, name), 'utf8')))
        await connection.query(statement);
      await connection.query('INSERT INTO migration (name) VALUES (?)', [name]);
    }
    return pending;
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

/** Statements end with a semicolon at the end of a line; whole-line comments are dropped. */
export function statementsOf(sql: string): readonly string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
