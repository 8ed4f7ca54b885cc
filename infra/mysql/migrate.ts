import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { EngineError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import type { Endpoints } from '../stack/stack.ts';
import { mysqlConnection } from './pool.ts';

const folder = join(packageRoot, 'infra', 'mysql', 'migrations');

/** Which migrations a database has; whoever applies them notes them here, holding the lock of that database. */
const migrationTable =
  'CREATE TABLE IF NOT EXISTS migration (name VARCHAR(100) NOT NULL PRIMARY KEY, applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))';

/** Which of them somebody began; one that is not in `migration` was broken off. */
const begunTable = 'CREATE TABLE IF NOT EXISTS migration_begun (name VARCHAR(100) NOT NULL PRIMARY KEY)';

/** Both, for a client that takes several statements. */
export const migrationTables = `${migrationTable}; ${begunTable}`;

/** The name of a MySQL lock (GET_LOCK). */
export function migrationLock(database: string): string {
  return `labctl.migrate.${database}`.slice(0, 64);
}

/**
 * Creates the database if needed and applies, in the order of their names, the migrations it does not have yet.
 * Two callers at once take turns (GET_LOCK). MySQL commits each DDL statement by itself, so a migration whose caller was
 * killed is half there: it is noted when one begins, and one that did not end is gone through again, each statement whole
 * or there already. So a migration holds only DDL, each statement atomic.
 * @returns the names applied now.
 * @throws EngineError when MySQL cannot be reached, or another caller is not done after `lockTimeoutS`.
 */
export async function migrate(
  endpoint: Endpoints['mysql'],
  database: string,
  { lockTimeoutS = 60 }: { readonly lockTimeoutS?: number } = {},
): Promise<readonly string[]> {
  const connection = await mysqlConnection({ endpoint, owner: 'migrate' });
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4`);
    await connection.changeUser({ database });
    await takeTurn(connection, database, lockTimeoutS);
    await connection.query(migrationTable);
    await connection.query(begunTable);
    const [rows] = await connection.query<RowDataPacket[]>('SELECT name FROM migration');
    const applied = new Set(rows.map((row) => String(row.name)));
    const pending = (await readdir(folder)).filter((name) => name.endsWith('.sql') && !applied.has(name)).sort();
    for (const name of pending) {
      const [begun] = await connection.query<ResultSetHeader>('INSERT IGNORE INTO migration_begun VALUES (?)', [name]);
      const again = begun.affectedRows === 0;
      for (const statement of statementsOf(await readFile(join(folder, name), 'utf8')))
        await connection.query(statement).catch((error: unknown) => {
          if (!again || !isThereAlready(error)) throw error;
        });
      await connection.query('INSERT INTO migration (name) VALUES (?)', [name]);
      await connection.query('DELETE FROM migration_begun WHERE name = ?', [name]);
    }
    return pending;
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

/** Until the connection ends. GET_LOCK answers 0 when the time is up, NULL when its session was killed: neither is a lock. */
async function takeTurn(connection: Connection, database: string, timeoutS: number): Promise<void> {
  const lock = [migrationLock(database), timeoutS];
  const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS held', lock);
  if (Number(rows[0]?.held) === 1) return;
  throw new EngineError(
    'mysql',
    {
      ko: `"${database}"의 마이그레이션을 ${timeoutS}초 동안 시작하지 못했습니다`,
      en: `the migrations of "${database}" could not begin within ${timeoutS} s`,
    },
    {
      why: { ko: '다른 마이그레이션이 진행 중입니다', en: 'another migration is under way' },
      tryThis: [
        { ko: '잠시 뒤 다시 실행', en: 'try again in a moment' },
        `SELECT * FROM sys.session WHERE conn_id = IS_USED_LOCK('${migrationLock(database)}')`,
      ],
    },
  );
}

/** ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME, ER_CANT_DROP_FIELD_OR_KEY, ER_BAD_TABLE_ERROR, ER_FK_DUP_NAME */
const thereAlready = new Set([1050, 1060, 1061, 1091, 1051, 1826]);

function isThereAlready(error: unknown): boolean {
  return thereAlready.has((error as { readonly errno?: number }).errno ?? 0);
}

/** Statements end with a semicolon at the end of a line; whole-line comments are dropped. */
export function statementsOf(sql: string): readonly string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
