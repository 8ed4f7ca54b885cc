import { z } from 'zod';
import type { OutboxRole, ProcessedRole, RoleMap } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { SqlReader, SqlValue } from '../../mysql/read-only.ts';
import { notMapped, type Part, partOf, unknownPart } from '../reading.ts';

/** Events in each table, all at one moment. */
export interface EventCounts {
  /** Legs of the ledger: one event each. */
  readonly ledger: Part<bigint>;
  readonly outbox: Part<OutboxCounts>;
  /** By the projector, archived rows included. */
  readonly processed: Part<ProcessedCounts>;
  readonly effects: Part<bigint>;
  /** Events that failed and were handled by nobody since. */
  readonly failed: Part<{ readonly inRetry: bigint; readonly dead: bigint }>;
  /** Legs that a backfill has summed up, and that nobody processed. */
  readonly folded: Part<bigint>;
}

export interface OutboxCounts {
  readonly pending: bigint;
  readonly sent: bigint;
  readonly dead: bigint;
  readonly skipped: bigint;
}

export interface ProcessedCounts {
  readonly applied: bigint;
  readonly folded: bigint;
  /** Of both, those that were archived. */
  readonly archived: bigint;
}

const one = z.object({ counted: z.coerce.bigint() });
const byValue = z.object({ value: z.string().nullable(), counted: z.coerce.bigint() });
const failedRow = z.object({ in_retry: z.coerce.bigint().nullable(), dead: z.coerce.bigint().nullable() });

/** One pass over an index of each table. @param sql within one snapshot, so that the counts can be compared. */
export async function countEvents(sql: SqlReader, roles: RoleMap): Promise<EventCounts> {
  return {
    ledger: await partOfRole(roles.ledger, ({ table }) => rowsIn(sql, table)),
    outbox: await partOfRole(roles.outbox, (role) => outboxIn(sql, role)),
    processed: await partOfRole(roles.processed, (role) => processedIn(sql, role, roles.processedArchive)),
    effects: await partOfRole(roles.effects, ({ table }) => rowsIn(sql, table)),
    failed: await failedIn(sql, roles),
    folded: await foldedIn(sql, roles),
  };
}

async function partOfRole<Role, T>(role: Role | undefined, read: (role: Role) => Promise<T>): Promise<Part<T>> {
  return role === undefined ? unknownPart(notMapped) : partOf(read(role));
}

async function rowsIn(sql: SqlReader, table: string): Promise<bigint> {
  const [row] = await sql.query(`SELECT COUNT(*) AS counted FROM ${quote(table)}`, [], one);
  return row?.counted ?? 0n;
}

async function outboxIn(sql: SqlReader, { table, status, statusValues }: OutboxRole): Promise<OutboxCounts> {
  const rows = await sql.query(
    `SELECT ${quote(status)} AS value, COUNT(*) AS counted FROM ${quote(table)} GROUP BY value`,
    [],
    byValue,
  );
  const of = (wanted: string): bigint => rows.find(({ value }) => value === wanted)?.counted ?? 0n;
  const { pending, sent, dead, skipped } = statusValues;
  return { pending: of(pending), sent: of(sent), dead: of(dead), skipped: of(skipped) };
}

async function processedIn(
  sql: SqlReader,
  role: ProcessedRole,
  archive: ProcessedRole | undefined,
): Promise<ProcessedCounts> {
  const live = await outcomesIn(sql, role);
  const old = archive === undefined ? { applied: 0n, folded: 0n } : await outcomesIn(sql, archive);
  return {
    applied: live.applied + old.applied,
    folded: live.folded + old.folded,
    archived: old.applied + old.folded,
  };
}

async function outcomesIn(sql: SqlReader, role: ProcessedRole): Promise<Pick<ProcessedCounts, 'applied' | 'folded'>> {
  const outcome = role.outcome === undefined ? "'applied'" : quote(role.outcome);
  const only = role.projector === undefined ? '' : `WHERE ${quote(role.consumer)} = ?`;
  const params = role.projector === undefined ? [] : [role.projector];
  const text = `SELECT ${outcome} AS value, COUNT(*) AS counted FROM ${quote(role.table)} ${only} GROUP BY value`;
  const rows = await sql.query(text, params, byValue);
  const folded = rows.find(({ value }) => value === 'folded')?.counted ?? 0n;
  return { applied: rows.reduce((sum, { counted }) => sum + counted, 0n) - folded, folded };
}

/** NOT EXISTS … in processed and archive, for the events of an alias. */
export function unprocessed(
  { processed, processedArchive }: RoleMap,
  key: string,
  name: (plain: string) => string = quote,
): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const tables = [processed, processedArchive].flatMap((role) => role ?? []);
  return {
    sql: tables
      .map((role) => {
        const who = role.projector === undefined ? '' : ` AND p.${name(role.consumer)} = ?`;
        return `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM ${name(role.table)} p WHERE p.${name(role.dedupKey)} = ${key}${who})`;
      })
      .join(' '),
    params: tables.flatMap(({ projector }) => projector ?? []),
  };
}

async function failedIn(sql: SqlReader, roles: RoleMap): Promise<EventCounts['failed']> {
  const { deliveryFailures: failures } = roles;
  if (failures === undefined || roles.processed === undefined) return unknownPart(notMapped);
  const key = `f.${quote(failures.dedupKey)}`;
  const due = `f.${quote(failures.dueAt)}`;
  const open = failures.settledAt === undefined ? '' : `AND f.${quote(failures.settledAt)} IS NULL`;
  const none = unprocessed(roles, key);
  // An event without a key is its origin's offset; a copy of a failed event (rung `duplicate`) is none of its own.
  const text = `SELECT SUM(waits) AS in_retry, SUM(1 - waits) AS dead FROM (
      SELECT MAX(${due} IS NOT NULL ${open}) AS waits FROM ${quote(failures.table)} f
      WHERE f.${quote(failures.rung)} <> 'duplicate' ${none.sql}
      GROUP BY ${key}, ${failures.offset === undefined ? '1' : `IF(${key} IS NULL, f.${quote(failures.offset)}, 0)`}) events`;
  return partOf(
    sql.query(text, none.params, failedRow).then(([row]) => ({ inRetry: row?.in_retry ?? 0n, dead: row?.dead ?? 0n })),
  );
}

async function foldedIn(sql: SqlReader, roles: RoleMap): Promise<Part<bigint>> {
  const { ledger, projection } = roles;
  if (ledger?.accountSeq === undefined || projection?.foldedSeq === undefined) return unknownPart(notMapped);
  const [account, folded] = [quote(projection.accountId), quote(projection.foldedSeq)];
  const key =
    ledger.dedupKey === undefined
      ? `CONCAT(l.${quote(ledger.txId)}, ':', l.${quote(ledger.accountId)})`
      : `l.${quote(ledger.dedupKey)}`;
  const none = unprocessed(roles, key);
  const text = `SELECT COUNT(*) AS counted FROM ${quote(projection.table)} f JOIN ${quote(ledger.table)} l
      ON l.${quote(ledger.accountId)} = f.${account} AND l.${quote(ledger.accountSeq)} <= f.${folded}
    WHERE f.${folded} > 0 ${none.sql}`;
  return partOf(sql.query(text, none.params, one).then(([row]) => row?.counted ?? 0n));
}
