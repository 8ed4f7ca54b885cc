import type { RowDataPacket } from 'mysql2';
import { createPool, type Pool } from 'mysql2/promise';
import type { z } from 'zod';
import { type Clock, systemClock, within } from '../clock.ts';
import { EngineError, RefusedError, TimeoutError } from '../errors.ts';
import { notMapped, UnknownValue } from '../probes/reading.ts';
import type { Endpoints } from '../stack/stack.ts';
import { lackIn } from './lack.ts';
import { errnoOf, mysqlError, mysqlTls } from './pool.ts';

export type SqlValue = string | number | bigint | null;

const queryTimeoutMs = 1_500;
/** A MySQL that gave no answer is not asked again for so long: else reads would pile up before a frozen one. */
const restMs = 1_000;
/** Also the bound on waiting for a free connection. */
const connectTimeoutMs = 1_000;

/**
 * READ ONLY makes the server itself refuse writes (1792). READ COMMITTED with autocommit keeps no snapshot open, which
 * would hold back purge. lock_wait_timeout: without it a monitor stalls behind any DDL that waits for its metadata lock.
 */
const sessionSettings = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY',
  "SET SESSION autocommit = 1, time_zone = '+00:00', lock_wait_timeout = 2, innodb_lock_wait_timeout = 2",
];
/** MariaDB lacks the variable; there the client's own timeout is the only bound. */
const optionalSetting = `SET SESSION max_execution_time = ${queryTimeoutMs}`;

/** READ ONLY refuses changes of rows and tables; KILL, FLUSH or SET GLOBAL it lets through. */
const readingStatement = /^\s*(?:select|show|explain|with|describe)\b/i;

/** A few connections on which the server refuses writes, made on first use. Every statement is bounded in time. */
export class ReadOnlyMysql {
  readonly #endpoint: Endpoints['mysql'] | undefined;
  readonly #database: string;
  readonly #clock: Clock;
  #pool: Pool | undefined;
  #failure: { readonly error: EngineError; readonly untilMs: number } | undefined;

  /** @param endpoint undefined: the target has no MySQL, every read is "not mapped". */
  constructor(endpoint: Endpoints['mysql'] | undefined, database: string, clock: Clock = systemClock) {
    this.#endpoint = endpoint;
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * One statement with `?` placeholders. 64-bit numbers come as strings (`z.coerce.bigint()`), times as the server's text
   * in UTC, JSON parsed.
   * @throws UnknownValue when the account may not (not permitted) or the table, column or database is not there (not
   * mapped); EngineError when MySQL cannot be reached, is too slow, or refuses; ZodError for rows of another shape.
   */
  async query<Row>(sql: string, params: readonly SqlValue[], row: z.ZodType<Row>): Promise<readonly Row[]> {
    if (!readingStatement.test(sql)) {
      throw new RefusedError('this client only reads', { why: `it was given: ${sql.trim().slice(0, 80)}` });
    }
    const endpoint = this.#endpoint;
    if (endpoint === undefined) throw new UnknownValue(`${notMapped}: no MySQL is named`);
    if (this.#failure !== undefined && this.#clock.monotonic() < this.#failure.untilMs) throw this.#failure.error;
    try {
      return (await this.#rows(endpoint, sql, params)).map((raw) => row.parse(raw));
    } catch (error) {
      const readError = asReadError(error, endpoint, sql);
      if (readError instanceof EngineError && typeof readError.code === 'string') {
        this.#failure = { error: readError, untilMs: this.#clock.monotonic() + restMs };
      }
      throw readError;
    }
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    if (pool !== undefined) await within('closing MySQL', connectTimeoutMs, pool.end()).catch(() => {});
  }

  async #rows(
    endpoint: Endpoints['mysql'],
    sql: string,
    params: readonly SqlValue[],
  ): Promise<readonly RowDataPacket[]> {
    this.#pool ??= createReadOnlyPool(endpoint, this.#database);
    const pending = this.#pool.getConnection();
    const connection = await within('connecting to MySQL', connectTimeoutMs, pending).catch((error) => {
      pending.then((late) => late.release()).catch(() => {});
      throw error;
    });
    try {
      const timeout = queryTimeoutMs + 300; // the server's own limit comes first, and keeps the connection usable
      const query = connection.query<RowDataPacket[]>({ sql, timeout, values: [...params] });
      const [rows] = await within('MySQL', timeout + 200, query);
      connection.release();
      return rows;
    } catch (error) {
      // A connection on which an answer is outstanding would make every later statement wait for it.
      if (errnoOf(error) === undefined) connection.destroy();
      else connection.release();
      throw error;
    }
  }
}

function createReadOnlyPool(endpoint: Endpoints['mysql'], database: string): Pool {
  const pool = createPool({
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.user,
    password: endpoint.password,
    ...mysqlTls(endpoint),
    ...(database === '' ? {} : { database }),
    connectionLimit: 3,
    queueLimit: 20,
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
    charset: 'utf8mb4',
    connectAttributes: { program_name: 'labctl', labctl_owner: 'read-only' },
  });
  pool.on('connection', (connection) => {
    // mysql2's promise pool hands out the callback-style connection here, whatever its types say. Statements of one
    // connection queue up, so the session is read-only before its first statement; if it cannot be made so, it must not
    // be used at all.
    const raw = connection as unknown as { query(sql: string, done: (error: unknown) => void): void; destroy(): void };
    for (const setting of sessionSettings) raw.query(setting, (error) => error && raw.destroy());
    raw.query(optionalSetting, () => {});
  });
  return pool;
}

function asReadError(error: unknown, endpoint: Endpoints['mysql'], sql: string): Error {
  const lack = lackIn(error, sql);
  if (lack !== undefined) return lack;
  switch (errnoOf(error)) {
    case 3024: // max_execution_time
      return new EngineError('mysql', `MySQL needed more than ${queryTimeoutMs} ms for a read`, { code: 3024 });
    default:
  }
  if (error instanceof Error && error.name === 'ZodError') return error;
  const { code } = error as { code?: unknown };
  if (error instanceof TimeoutError || code === 'PROTOCOL_SEQUENCE_TIMEOUT') {
    return new EngineError('mysql', `MySQL at ${endpoint.host}:${endpoint.port} gives no answer`, {
      code: 'ETIMEDOUT',
    });
  }
  if (typeof code === 'string' && errnoOf(error) === undefined) {
    return new EngineError('mysql', `MySQL at ${endpoint.host}:${endpoint.port} cannot be reached (${code})`, { code });
  }
  return mysqlError(error, endpoint);
}
