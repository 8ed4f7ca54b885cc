import { z } from 'zod';
import { locksWaitedFor, type PrintedLock } from '../mysql/lock-text.ts';
import { type MetadataWait, metadataWaits } from '../mysql/metadata-locks.ts';
import type { ReadOnlyMysql } from '../mysql/read-only.ts';
import { printable } from '../text.ts';
import { ageMs, known, notPermitted, type Part, partOf, unknownPart } from './reading.ts';

/** A transaction that InnoDB has open. */
export interface OpenTransaction {
  readonly trxId: string;
  /** The processlist's id, which KILL takes; `0`: a prepared XA transaction without a session. */
  readonly pid: string;
  readonly isWaiting: boolean;
  readonly openMs: Part<number>;
  /** null: it does not wait. */
  readonly waitMs: Part<number> | null;
  readonly rowsLocked: number;
  readonly rowsModified: number;
  readonly isolation: string;
  /** What it runs now; null between two statements. */
  readonly statement: string | null;
}

export interface Session {
  readonly pid: string;
  readonly user: string;
  readonly host: string;
  readonly database: string | null;
  /** `Sleep` between statements. */
  readonly command: string;
  /** How long it has been doing that, in whole seconds. */
  readonly forSeconds: number;
  readonly state: string;
  readonly statement: string | null;
  /** The last statement it finished: of an idle blocker, the only trace of what it did. */
  readonly lastStatement: Part<string | null>;
}

/** Statements may be a megabyte; this much of one tells which it is. */
const sqlMax = 400;
/** Bounds on what one reading looks at. More waits than this are one and the same jam. */
const transactionsMax = 500;
const edgesMax = 20_000;

/**
 * trx_started and trx_wait_started are in the time zone of the server's machine, whatever the session's is
 * (field_store_time_t in storage/innobase/handler/i_s.cc), so they are compared with the time there.
 */
const serverNow = "CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', 'SYSTEM')";
const limited = '/*+ MAX_EXECUTION_TIME(1000) */';

const transaction = z.object({
  trx_id: z.string(),
  pid: z.coerce.string(),
  state: z.string(),
  open_us: z.coerce.bigint(),
  wait_us: z.coerce.bigint().nullable(),
  rows_locked: z.coerce.number(),
  rows_modified: z.coerce.number(),
  isolation: z.string(),
  query: z.string().nullable(),
});

const cleaned = (sql: string | null): string | null => (sql === null ? null : printable(sql));

/**
 * Those that wait and those that have been open for a while; or those of given sessions or ids. Needs PROCESS.
 * @throws UnknownValue without it.
 */
export async function readTransactions(
  mysql: ReadOnlyMysql,
  which:
    | { readonly openSeconds: number }
    | { readonly pids: readonly string[] }
    | { readonly trxIds: readonly string[] },
): Promise<readonly OpenTransaction[]> {
  const among = (values: readonly string[]): string => `IN (${values.map(() => '?').join(', ')})`;
  const [where, params] =
    'pids' in which
      ? [`trx_mysql_thread_id ${among(which.pids)}`, which.pids]
      : 'trxIds' in which
        ? [`trx_id ${among(which.trxIds)}`, which.trxIds]
        : [`trx_state = 'LOCK WAIT' OR trx_started <= ${serverNow} - INTERVAL ? SECOND`, [which.openSeconds]];
  const rows = await mysql.query(
    `SELECT ${limited} trx_id, trx_mysql_thread_id AS pid, trx_state AS state,
       TIMESTAMPDIFF(MICROSECOND, trx_started, ${serverNow}) AS open_us,
       TIMESTAMPDIFF(MICROSECOND, trx_wait_started, ${serverNow}) AS wait_us,
       trx_rows_locked AS rows_locked, trx_rows_modified AS rows_modified, trx_isolation_level AS isolation,
       LEFT(trx_query, ${sqlMax}) AS query
     FROM information_schema.INNODB_TRX WHERE ${where} ORDER BY trx_started LIMIT ${transactionsMax}`,
    params,
    transaction,
  );
  return rows.map((row) => ({
    trxId: row.trx_id,
    pid: row.pid,
    isWaiting: row.state === 'LOCK WAIT',
    openMs: ageMs(row.open_us),
    waitMs: row.wait_us === null ? null : ageMs(row.wait_us),
    rowsLocked: row.rows_locked,
    rowsModified: row.rows_modified,
    isolation: row.isolation,
    statement: cleaned(row.query),
  }));
}

export interface Edge {
  readonly waiter: string;
  readonly blocker: string;
}

const edge = z.object({ waiter: z.coerce.string(), blocker: z.coerce.string() });

/**
 * Who waits for a row lock of whom. Only asked when somebody waits: it costs InnoDB's lock system a latch. Transactions are
 * put to their sessions here: joined on the server, a hundred waiters for one row, each behind all before it, took more
 * than 1.5 s.
 */
export async function readRowLockEdges(
  mysql: ReadOnlyMysql,
  isMariaDb: boolean,
  transactions: readonly OpenTransaction[],
): Promise<readonly Edge[]> {
  const { table, waiting, blocking } = edgeColumns(isMariaDb);
  const pairs = await mysql.query(
    `SELECT ${limited} ${waiting} AS waiter, ${blocking} AS blocker FROM ${table}
     WHERE ${waiting} <> ${blocking} LIMIT ${edgesMax}`,
    [],
    edge,
  );
  const pids = new Map(transactions.map(({ trxId, pid }) => [trxId, pid]));
  const unseen = [...new Set(pairs.flatMap(({ waiter, blocker }) => [waiter, blocker]))].filter((id) => !pids.has(id));
  if (unseen.length > 0) {
    const trxIds = unseen.slice(0, transactionsMax);
    for (const { trxId, pid } of await readTransactions(mysql, { trxIds })) pids.set(trxId, pid);
  }
  return pairs.flatMap(({ waiter, blocker }) => {
    const [from, to] = [pids.get(waiter), pids.get(blocker)];
    return from === undefined || to === undefined || from === to ? [] : [{ waiter: from, blocker: to }];
  });
}

/** The same facts in another table; data_locks, which copies every lock there is, is never read. */
function edgeColumns(isMariaDb: boolean) {
  return isMariaDb
    ? { table: 'information_schema.INNODB_LOCK_WAITS', waiting: 'requesting_trx_id', blocking: 'blocking_trx_id' }
    : {
        table: 'performance_schema.data_lock_waits',
        waiting: 'REQUESTING_ENGINE_TRANSACTION_ID',
        blocking: 'BLOCKING_ENGINE_TRANSACTION_ID',
      };
}

/** Session by session, for an operator to run. */
export function rowLockEdgesSql(isMariaDb: boolean): string {
  const { table, waiting, blocking } = edgeColumns(isMariaDb);
  return `SELECT DISTINCT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS blocker
    FROM ${table} w JOIN information_schema.INNODB_TRX r ON r.trx_id = w.${waiting}
      JOIN information_schema.INNODB_TRX b ON b.trx_id = w.${blocking} WHERE r.trx_id <> b.trx_id`;
}

const statusText = z.object({ Status: z.string() });

/** @throws UnknownValue without PROCESS. */
export async function readInnodbStatus(mysql: ReadOnlyMysql): Promise<string> {
  const [row] = await mysql.query('SHOW ENGINE INNODB STATUS', [], statusText);
  return row?.Status ?? '';
}

/** By transaction id. */
export async function readLocksWaitedFor(mysql: ReadOnlyMysql): Promise<ReadonlyMap<string, PrintedLock>> {
  return locksWaitedFor(await readInnodbStatus(mysql));
}

const stuck = z.object({ pid: z.coerce.string(), seconds: z.coerce.number(), state: z.string() });

export interface StuckSession {
  readonly pid: string;
  readonly seconds: number;
  /** `Waiting for table metadata lock`, `Waiting for global read lock`, … */
  readonly state: string;
}

/**
 * Sessions that wait for a lock above InnoDB. performance_schema.threads takes no lock of the server's;
 * information_schema.PROCESSLIST does, and is what is left where the other is not there or not permitted.
 */
export async function readMetadataWaiters(mysql: ReadOnlyMysql, isMariaDb: boolean): Promise<readonly StuckSession[]> {
  const waits = (column: string): string =>
    `${column} LIKE 'Waiting for %lock' OR ${column} = 'Waiting for table flush'`;
  const own = `SELECT ID AS pid, TIME AS seconds, STATE AS state FROM information_schema.PROCESSLIST WHERE ${waits('STATE')} LIMIT 500`;
  if (isMariaDb) return mysql.query(own, [], stuck);
  const threads = await partOf(
    mysql.query(
      `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_TIME AS seconds, PROCESSLIST_STATE AS state
       FROM performance_schema.threads WHERE ${waits('PROCESSLIST_STATE')} LIMIT 500`,
      [],
      stuck,
    ),
  );
  return threads.known ? threads.value : mysql.query(own, [], stuck);
}

const metadataLock = z.object({
  object_type: z.string(),
  object_schema: z.string().nullable(),
  object_name: z.string().nullable(),
  lock_type: z.string(),
  lock_status: z.string(),
  pid: z.coerce.string(),
});

/** Unknown where performance_schema is off or may not be read; MariaDB ships with it off. */
export async function readMetadataWaits(mysql: ReadOnlyMysql): Promise<Part<readonly MetadataWait[]>> {
  const rows = await partOf(
    mysql.query(
      `SELECT ${limited} DISTINCT m.OBJECT_TYPE AS object_type, m.OBJECT_SCHEMA AS object_schema,
         m.OBJECT_NAME AS object_name, m.LOCK_TYPE AS lock_type, m.LOCK_STATUS AS lock_status, t.PROCESSLIST_ID AS pid
       FROM performance_schema.metadata_locks p
       JOIN performance_schema.metadata_locks m ON m.OBJECT_TYPE = p.OBJECT_TYPE
         AND m.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND m.OBJECT_NAME <=> p.OBJECT_NAME
       JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
       WHERE p.LOCK_STATUS = 'PENDING' AND t.PROCESSLIST_ID IS NOT NULL LIMIT ${edgesMax}`,
      [],
      metadataLock,
    ),
  );
  if (!rows.known) return unknownPart(`${rows.reason} (SELECT on performance_schema)`);
  const locks = rows.value.map((row) => ({
    objectType: row.object_type,
    schema: row.object_schema,
    name: row.object_name,
    type: row.lock_type,
    status: row.lock_status,
    pid: row.pid,
  }));
  return known(metadataWaits(locks));
}

const session = z.object({
  pid: z.coerce.string(),
  user: z.string().nullable(),
  host: z.string().nullable(),
  db: z.string().nullable(),
  command: z.string().nullable(),
  seconds: z.coerce.number(),
  state: z.string().nullable(),
  info: z.string().nullable(),
  last_statement: z.string().nullable().optional(),
});

const lastStatement = `(SELECT LEFT(h.SQL_TEXT, ${sqlMax}) FROM performance_schema.events_statements_history h
  WHERE h.THREAD_ID = t.THREAD_ID AND h.SQL_TEXT IS NOT NULL ORDER BY h.EVENT_ID DESC LIMIT 1)`;

/** Who they are and what they did last. @param pids at most a few hundred. */
export async function readSessions(
  mysql: ReadOnlyMysql,
  pids: readonly string[],
  isMariaDb: boolean,
): Promise<readonly Session[]> {
  if (pids.length === 0) return [];
  const these = pids.map(() => '?').join(', ');
  const fromThreads = await partOf(
    mysql.query(
      `SELECT ${limited} t.PROCESSLIST_ID AS pid, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host,
         t.PROCESSLIST_DB AS db, t.PROCESSLIST_COMMAND AS command, COALESCE(t.PROCESSLIST_TIME, 0) AS seconds,
         t.PROCESSLIST_STATE AS state, LEFT(t.PROCESSLIST_INFO, ${sqlMax}) AS info, ${lastStatement} AS last_statement
       FROM performance_schema.threads t WHERE t.PROCESSLIST_ID IN (${these})`,
      pids,
      session,
    ),
  );
  // MariaDB's table is there and empty while its performance_schema is off.
  const isThere = fromThreads.known && (fromThreads.value.length > 0 || !isMariaDb);
  const rows = isThere
    ? fromThreads.value
    : await mysql.query(
        `SELECT ID AS pid, USER AS user, HOST AS host, DB AS db, COMMAND AS command, TIME AS seconds, STATE AS state,
           LEFT(INFO, ${sqlMax}) AS info FROM information_schema.PROCESSLIST WHERE ID IN (${these})`,
        pids,
        session,
      );
  const noHistory = unknownPart<string | null>(
    fromThreads.known ? 'performance_schema is off' : `${notPermitted} (SELECT on performance_schema)`,
  );
  return rows.map((row) => ({
    pid: row.pid,
    user: printable(row.user ?? ''),
    host: printable(row.host ?? ''),
    database: cleaned(row.db),
    command: row.command ?? '',
    forSeconds: row.seconds,
    state: printable(row.state ?? ''),
    statement: cleaned(row.info),
    lastStatement: row.last_statement === undefined ? noHistory : known(cleaned(row.last_statement)),
  }));
}
