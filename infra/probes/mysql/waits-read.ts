import { z } from 'zod';
import { locksWaitedFor, type PrintedLock } from '../../mysql/lock-text.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { ageMs, type Part, UnknownValue } from '../reading.ts';
import { cleaned, limited, sqlMax } from './bounds.ts';
import { isPerformanceSchemaOff, performanceSchemaOff } from './performance-schema.ts';

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

/** Bounds on what one reading looks at. More waits than this are one and the same jam. */
const transactionsMax = 500;
const edgesMax = 20_000;

/**
 * trx_started and trx_wait_started are in the time zone of the server's machine, whatever the session's is
 * (field_store_time_t in storage/innobase/handler/i_s.cc), so they are compared with the time there.
 */
const serverNow = "CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', 'SYSTEM')";

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

/** Of sessions. */
export interface Edge {
  readonly waiter: string;
  readonly blocker: string;
}

export interface RowLockEdges {
  readonly edges: readonly Edge[];
  /**
   * Whether a transaction waits now. InnoDB's list of transactions is a copy, made anew only when nobody has read it for
   * 100 ms (CACHE_MIN_IDLE_TIME in storage/innobase/trx/trx0i_s.cc): it may tell of waits that are over.
   */
  stillWaits(trxId: string): boolean;
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
): Promise<RowLockEdges> {
  const { table, waiting, blocking } = edgeColumns(isMariaDb);
  const pairs = await mysql.query(
    `SELECT ${limited} ${waiting} AS waiter, ${blocking} AS blocker FROM ${table}
     WHERE ${waiting} <> ${blocking} LIMIT ${edgesMax}`,
    [],
    edge,
  );
  if (pairs.length === 0 && !isMariaDb && (await isPerformanceSchemaOff(mysql))) {
    throw new UnknownValue(performanceSchemaOff);
  }
  const pids = new Map(transactions.map(({ trxId, pid }) => [trxId, pid]));
  const unseen = [...new Set(pairs.flatMap(({ waiter, blocker }) => [waiter, blocker]))].filter((id) => !pids.has(id));
  if (unseen.length > 0) {
    const trxIds = unseen.slice(0, transactionsMax);
    for (const { trxId, pid } of await readTransactions(mysql, { trxIds })) pids.set(trxId, pid);
  }
  const edges = pairs.flatMap(({ waiter, blocker }) => {
    const [from, to] = [pids.get(waiter), pids.get(blocker)];
    return from === undefined || to === undefined || from === to ? [] : [{ waiter: from, blocker: to }];
  });
  const waiters = new Set(pairs.map(({ waiter }) => waiter));
  return { edges, stillWaits: (trxId) => pairs.length === edgesMax || waiters.has(trxId) };
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
