import type { RowDataPacket } from 'mysql2';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import type { z } from 'zod';
import { type Clock, systemClock, within } from '../clock.ts';
import { DescribedError, EngineError, InterruptedError, RefusedError, TimeoutError } from '../errors.ts';
import { notMapped, UnknownValue } from '../probes/reading.ts';
import type { Endpoints } from '../stack/stack.ts';
import { lackIn } from './lack.ts';
import { errnoOf, mysqlError, mysqlTls } from './pool.ts';
import { mysqlTlsError } from './tls-error.ts';
import { Turns } from './turns.ts';

export type SqlValue = string | number | bigint | null;

/** Statements in one place of time, or one that may take longer than a probe's. */
export interface SqlReader {
  /** As {@link ReadOnlyMysql.query}. */
  query<Row>(sql: string, params: readonly SqlValue[], row: z.ZodType<Row>): Promise<readonly Row[]>;
}

export interface LongRead {
  /** For all of it, waiting for a connection included. Default 10,000. */
  readonly timeoutMs?: number;
  /** Ends it between two statements. */
  readonly signal?: AbortSignal;
}

const queryTimeoutMs = 1_500;
const longTimeoutMs = 10_000;
/** A MySQL that gave no answer is not asked again for so long: else reads would pile up before a frozen one. */
const restMs = 1_000;
const connectTimeoutMs = 1_000;
/** A console asks for everything at once: a read that waits for others of ours says nothing against MySQL. */
const turnTimeoutMs = 3_000;

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
  readonly #pools = new Map<PoolKind, Pool>();
  readonly #turns: Readonly<Record<PoolKind, Turns>> = {
    short: new Turns(connectionsMax.short),
    long: new Turns(connectionsMax.long),
  };
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
    refuseWrites(sql);
    const wait = { pool: 'short', waitMs: turnTimeoutMs } as const;
    const rows = await this.#read(wait, (connection) => rowsOf(connection, { sql, params, timeoutMs: queryTimeoutMs }));
    return rows.map((raw) => row.parse(raw));
  }

  /**
   * Several statements that all see the database as it was at one moment, on a connection of their own: probes do not wait
   * for it. It ends, and lets go of its view, when `work` ends or its time is up; an open view holds back purge.
   * @throws as {@link query}, and InterruptedError when the signal aborts; whatever `work` throws.
   */
  async snapshot<T>(work: (reader: SqlReader) => Promise<T>, options: LongRead = {}): Promise<T> {
    return this.#long(options, async (reader, connection) => {
      await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const result = await work(reader);
      await connection.query('COMMIT');
      return result;
    });
  }

  /** As {@link query}, with more time: a window of a diagnosis may look at many rows. */
  async longQuery<Row>(
    sql: string,
    params: readonly SqlValue[],
    row: z.ZodType<Row>,
    options: LongRead = {},
  ): Promise<readonly Row[]> {
    return this.#long(options, (reader) => reader.query(sql, params, row));
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => within('closing MySQL', connectTimeoutMs, pool.end()).catch(() => {})));
  }

  async #long<T>(
    { timeoutMs = longTimeoutMs, signal }: LongRead,
    work: (reader: SqlReader, connection: PoolConnection) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = this.#clock.monotonic() + timeoutMs;
    const leftMs = (): number => Math.ceil(deadlineMs - this.#clock.monotonic());
    return this.#read({ pool: 'long', waitMs: timeoutMs }, async (connection, endpoint) => {
      const reader: SqlReader = {
        async query(sql, params, row) {
          refuseWrites(sql);
          if (signal?.aborted) throw new InterruptedError();
          if (leftMs() <= 0) throw tooSlow(timeoutMs);
          try {
            await limitStatements(connection, leftMs());
            const rows = await rowsOf(connection, { sql, params, timeoutMs: leftMs() });
            return rows.map((raw) => row.parse(raw));
          } catch (error) {
            // Already here, so that whoever reads several tables can go on without the one that is not mapped.
            throw asReadError(error, endpoint);
          }
        },
      };
      return within('MySQL', leftMs() + graceMs, work(reader, connection));
    });
  }

  /** Work on a connection that nobody else uses meanwhile. One that failed in the middle of something is thrown away. */
  async #read<T>(
    { pool, waitMs }: { readonly pool: PoolKind; readonly waitMs: number },
    work: (connection: PoolConnection, endpoint: Endpoints['mysql']) => Promise<T>,
  ): Promise<T> {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) throw new UnknownValue(`${notMapped}: no MySQL is named`);
    this.#throwIfResting();
    const turns = this.#turns[pool];
    await turns.take('MySQL', waitMs).catch((error) => {
      throw error instanceof TimeoutError
        ? new EngineError('mysql', `labctl's own reads queue up for ${waitMs} ms`)
        : error;
    });
    try {
      this.#throwIfResting();
      return await this.#onConnection(endpoint, pool, work);
    } finally {
      turns.pass();
    }
  }

  #throwIfResting(): void {
    if (this.#failure !== undefined && this.#clock.monotonic() < this.#failure.untilMs) throw this.#failure.error;
  }

  async #onConnection<T>(
    endpoint: Endpoints['mysql'],
    pool: PoolKind,
    work: (connection: PoolConnection, endpoint: Endpoints['mysql']) => Promise<T>,
  ): Promise<T> {
    try {
      const connection = await this.#connection(endpoint, pool);
      try {
        const result = await work(connection, endpoint);
        connection.release();
        return result;
      } catch (error) {
        // A connection on which an answer is outstanding would make every later statement wait for it, and one whose
        // work was left may hold an open view.
        if (errnoOf(error) === undefined || pool === 'long') connection.destroy();
        else connection.release();
        throw error;
      }
    } catch (error) {
      const readError = asReadError(error, endpoint);
      if (readError instanceof EngineError && typeof readError.code === 'string') {
        this.#failure = { error: readError, untilMs: this.#clock.monotonic() + restMs };
        for (const turns of Object.values(this.#turns)) turns.refuse(readError);
      }
      throw readError;
    }
  }

  async #connection(endpoint: Endpoints['mysql'], kind: PoolKind): Promise<PoolConnection> {
    const pool = this.#pools.get(kind) ?? createReadOnlyPool(endpoint, this.#database, connectionsMax[kind]);
    this.#pools.set(kind, pool);
    const pending = pool.getConnection();
    return within('connecting to MySQL', connectTimeoutMs, pending).catch((error) => {
      pending.then((late) => late.release()).catch(() => {});
      throw error;
    });
  }
}

type PoolKind = 'short' | 'long';
/** Long reads never take the connections that probes tick on. */
const connectionsMax: Readonly<Record<PoolKind, number>> = { short: 3, long: 2 };

function refuseWrites(sql: string): void {
  if (readingStatement.test(sql)) return;
  throw new RefusedError('this client only reads', { why: `it was given: ${sql.trim().slice(0, 80)}` });
}

/** The server's own limit comes first, and keeps the connection usable; ours is for a server that gives no answer. */
const graceMs = 500;

async function rowsOf(
  connection: PoolConnection,
  {
    sql,
    params,
    timeoutMs,
  }: { readonly sql: string; readonly params: readonly SqlValue[]; readonly timeoutMs: number },
): Promise<readonly RowDataPacket[]> {
  const query = connection.query<RowDataPacket[]>({ sql, timeout: timeoutMs + graceMs - 200, values: [...params] });
  const [rows] = await within('MySQL', timeoutMs + graceMs, query);
  return rows;
}

/** For the session's statements from here on. MariaDB lacks the variable (1193). */
async function limitStatements(connection: PoolConnection, timeoutMs: number): Promise<void> {
  const setting = connection.query(`SET SESSION max_execution_time = ${Math.max(1, timeoutMs)}`);
  await within('MySQL', connectTimeoutMs, setting).catch((error) => {
    if (errnoOf(error) !== 1193) throw error;
  });
}

function tooSlow(timeoutMs?: number): EngineError {
  const limit = timeoutMs === undefined ? 'it was given' : `${timeoutMs} ms`;
  return new EngineError('mysql', `MySQL needed more time for a read than ${limit}`, { code: 3024 });
}

function createReadOnlyPool(endpoint: Endpoints['mysql'], database: string, connections: number): Pool {
  const pool = createPool({
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.user,
    password: endpoint.password,
    ...mysqlTls(endpoint),
    ...(database === '' ? {} : { database }),
    connectionLimit: connections,
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

function asReadError(error: unknown, endpoint: Endpoints['mysql']): Error {
  const lack = lackIn(error);
  if (lack !== undefined) return lack;
  switch (errnoOf(error)) {
    case 3024: // max_execution_time
      return tooSlow();
    default:
  }
  if (error instanceof DescribedError && !(error instanceof TimeoutError)) return error;
  const { code } = error as { code?: unknown };
  if (error instanceof TimeoutError || code === 'PROTOCOL_SEQUENCE_TIMEOUT') {
    return new EngineError('mysql', `MySQL at ${endpoint.host}:${endpoint.port} gives no answer`, {
      code: 'ETIMEDOUT',
    });
  }
  if (typeof code === 'string' && errnoOf(error) === undefined) {
    const explained = mysqlTlsError(error, endpoint);
    if (explained !== undefined) return explained;
    return new EngineError('mysql', `MySQL at ${endpoint.host}:${endpoint.port} cannot be reached (${code})`, { code });
  }
  // Without a code it is no error of MySQL's: rows of another shape, or what the work on them threw.
  return error instanceof Error && code === undefined ? error : mysqlError(error, endpoint);
}
