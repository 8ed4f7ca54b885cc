import type { FieldPacket } from 'mysql2';
import { within } from '../clock.ts';
import { DescribedError, EngineError, RefusedError, TimeoutError } from '../errors.ts';
import { refusedSql } from '../sql-check.ts';
import type { MysqlEndpoint } from '../stack/stack.ts';
import { shortened } from '../text.ts';
import { lackIn } from './lack.ts';
import { type Connection, errnoOf, mysqlConnection, mysqlError } from './pool.ts';

/** What somebody's own statement returned. */
export interface CheckRows {
  readonly columns: readonly string[];
  /** At most `rowsMax`, each value as text; NULL is null. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** There were more. */
  readonly more: boolean;
}

export interface CheckLimits {
  readonly timeoutMs: number;
  readonly rowsMax: number;
}

const connectTimeoutMs = 1_500;
/** Over the server's own limit, which comes first. */
const graceMs = 500;

/**
 * Runs a statement that is not ours, on a connection of its own: the server refuses writes there (1792), ends it when its
 * time is up, and sends no more rows than are wanted; a LIMIT of its own that is larger ends the connection.
 * @throws RefusedError when it is not one reading statement; UnknownValue for what the target lacks; EngineError when
 * MySQL cannot be reached, refuses it, or needs longer.
 */
export async function checkRows(
  target: { readonly endpoint: MysqlEndpoint; readonly database: string },
  sql: string,
  limits: CheckLimits,
): Promise<CheckRows> {
  const refused = refusedSql(sql);
  if (refused !== undefined) throw new RefusedError('this statement is not run', { why: refused });
  const { endpoint, database } = target;
  let connection: Connection | undefined;
  const opening = mysqlConnection({ endpoint, ...(database === '' ? {} : { database }), owner: 'read-only' });
  try {
    connection = await within('connecting to MySQL', connectTimeoutMs, opening);
    await within('MySQL', connectTimeoutMs, restrict(connection, limits));
    return await within('MySQL', limits.timeoutMs + graceMs, streamed(connection, sql, limits.rowsMax));
  } catch (error) {
    if (connection === undefined) opening.then((late) => late.destroy()).catch(() => {});
    throw readError(error, endpoint, limits);
  } finally {
    connection?.destroy();
  }
}

async function restrict(connection: Connection, { timeoutMs, rowsMax }: CheckLimits): Promise<void> {
  await connection.query('SET SESSION TRANSACTION READ ONLY');
  await connection.query(`SET SESSION sql_select_limit = ${rowsMax + 1}, lock_wait_timeout = 2`);
  await connection.query(`SET SESSION max_execution_time = ${timeoutMs}`).catch((error) => {
    if (errnoOf(error) !== 1193) throw error; // MariaDB has no such variable: our own limit stands alone
  });
}

/** The rows as they come, so that a statement with a huge LIMIT of its own costs no more memory than what is kept. */
function streamed(connection: Connection, sql: string, rowsMax: number): Promise<CheckRows> {
  return new Promise((resolve, reject) => {
    let columns: readonly string[] = [];
    const rows: (string | null)[][] = [];
    // The promise connection wraps one with callbacks, which alone hands out rows one by one.
    const { connection: raw } = connection as unknown as { connection: RawConnection };
    const query = raw.query({ sql, rowsAsArray: true });
    query.on('fields', (fields) => {
      columns = fields?.map(({ name }) => shortened(name)) ?? [];
    });
    query.on('result', (row) => {
      if (!Array.isArray(row)) return;
      if (rows.length === rowsMax) {
        raw.destroy();
        resolve({ columns, rows, more: true });
        return;
      }
      rows.push(row.map(textOf));
    });
    query.on('error', reject);
    query.on('end', () => resolve({ columns, rows, more: false }));
  });
}

interface RawConnection {
  query(options: { readonly sql: string; readonly rowsAsArray: true }): {
    on(event: 'fields', listener: (fields: readonly FieldPacket[] | undefined) => void): void;
    on(event: 'result', listener: (row: unknown) => void): void;
    on(event: 'error', listener: (error: unknown) => void): void;
    on(event: 'end', listener: () => void): void;
  };
  destroy(): void;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return shortened(`0x${value.subarray(0, 64).toString('hex')}`);
  return shortened(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function readError(error: unknown, endpoint: MysqlEndpoint, { timeoutMs }: CheckLimits): Error {
  const cause = error instanceof EngineError ? error.cause : error;
  const lack = lackIn(cause);
  if (lack !== undefined) return lack;
  if (errnoOf(cause) === 3024 || error instanceof TimeoutError) {
    return new EngineError('mysql', `it needed more than ${timeoutMs} ms`, { code: 3024 });
  }
  return error instanceof DescribedError ? error : mysqlError(error, endpoint);
}
