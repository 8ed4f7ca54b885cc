import { z } from 'zod';
import type { DeliveryFailuresRole, ProcessedRole, RoleMap } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { ageMs, notMapped, type Part, partOf, unknownPart } from '../reading.ts';

/** Events that failed and wait for their next attempt. */
export interface RetryLadder {
  /** The one with the shortest wait first; a rung on which nothing waits is absent. */
  readonly rungs: readonly Rung[];
  /** False when there are failures older than those looked at: then there are at least so many. */
  readonly exact: boolean;
}

export interface Rung {
  /** `retry.5s`. */
  readonly rung: string;
  /** The next attempt is not due yet. */
  readonly ahead: number;
  /** Due, and without an outcome yet. */
  readonly due: number;
  /** Of those, the ones due for longer than a busy forwarder and projector take. */
  readonly overdue: number;
  /** Until the next one is due; null when none lies ahead. */
  readonly nextInMs: number | null;
  /** Since the oldest one was due, by MySQL's clock; null when none is. */
  readonly oldestDueMs: Part<number> | null;
}

/** Failures looked at in one reading, the longest overdue first: about 30 ms of MySQL's time when there are so many. */
export const lookedAtMax = 5_000;
/** Forwarding and handling take a moment after the due time; a ladder that works needs no longer than this. */
export const overdueSeconds = 10;

const rungRow = z.object({
  rung: z.string(),
  ahead: z.coerce.number(),
  due: z.coerce.number(),
  overdue: z.coerce.number(),
  next_us: z.coerce.bigint().nullable(),
  oldest_us: z.coerce.bigint().nullable(),
});
const sizeRow = z.object({ looked_at: z.coerce.number() });

/**
 * Failures with a due time whose event has neither been handled since nor failed again. Where nothing says which are
 * settled, an event without a dedup_key cannot be followed and is left out.
 */
export async function readLadder(mysql: ReadOnlyMysql, roles: RoleMap): Promise<Part<RetryLadder>> {
  const { deliveryFailures: failures, processed } = roles;
  if (failures === undefined || processed === undefined) return unknownPart(notMapped);
  const size = `SELECT COUNT(*) AS looked_at FROM (SELECT 1 FROM ${quote(failures.table)}
    WHERE ${quote(failures.dueAt)} IS NOT NULL${unsettled(failures, quote)} LIMIT ${lookedAtMax + 1}) candidates`;
  const read = async (): Promise<RetryLadder> => {
    const [rungs, [counted]] = await Promise.all([
      mysql.query(sqlOf(failures, processed, { bounded: true }), [], rungRow),
      mysql.query(size, [], sizeRow),
    ]);
    return { rungs: rungs.map(rungOf), exact: (counted?.looked_at ?? 0) <= lookedAtMax };
  };
  return partOf(read());
}

/** The statement for an operator; undefined where the target lacks what it reads. */
export function ladderSql({ deliveryFailures, processed }: RoleMap): string | undefined {
  return deliveryFailures === undefined || processed === undefined
    ? undefined
    : sqlOf(deliveryFailures, processed, { bounded: false });
}

/**
 * NO_SEMIJOIN: a lookup by key for each failure; an antijoin might be planned as a hash of all that was processed.
 * INDEX: while the statistics of a growing table lag behind, MySQL would read all failures for each of them (measured on
 * 5,000 rows: over 1,500 ms against 50 ms). A hint that names no index of the table is no more than a warning.
 */
function sqlOf(failures: DeliveryFailuresRole, processed: ProcessedRole, { bounded }: { bounded: boolean }): string {
  const name = bounded ? quote : (plain: string): string => plain;
  const [table, due, key, consumer] = [failures.table, failures.dueAt, failures.dedupKey, failures.consumer].map(name);
  const failedAt = name(failures.failedAt);
  // What is longest overdue must be seen; without marks of what is settled, that would be the oldest history.
  const order = failures.settledAt === undefined ? 'DESC' : 'ASC';
  const candidates = bounded
    ? `(SELECT * FROM ${table} WHERE ${due} IS NOT NULL${unsettled(failures, quote)} ORDER BY ${due} ${order} LIMIT ${lookedAtMax})`
    : table;
  const overdue = `f.${due} <= NOW(6) - INTERVAL ${overdueSeconds} SECOND`;
  return [
    `SELECT f.${name(failures.rung)} AS rung, SUM(f.${due} > NOW(6)) AS ahead, SUM(f.${due} <= NOW(6)) AS due,`,
    `SUM(${overdue}) AS overdue,`,
    `TIMESTAMPDIFF(MICROSECOND, NOW(6), MIN(IF(f.${due} > NOW(6), f.${due}, NULL))) AS next_us,`,
    `TIMESTAMPDIFF(MICROSECOND, MIN(IF(f.${due} <= NOW(6), f.${due}, NULL)), NOW(6)) AS oldest_us`,
    `FROM ${candidates} f WHERE f.${due} IS NOT NULL`,
    failures.settledAt === undefined ? `AND f.${key} IS NOT NULL` : `AND f.${name(failures.settledAt)} IS NULL`,
    `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM ${name(processed.table)} p`,
    `WHERE p.${name(processed.consumer)} = f.${consumer} AND p.${name(processed.dedupKey)} = f.${key})`,
    `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() INDEX(later ${failures.dedupKeyIndex}) */ 1 FROM ${table} later`,
    `WHERE later.${key} = f.${key} AND later.${consumer} = f.${consumer} AND later.${failedAt} > f.${failedAt})`,
    `GROUP BY rung ORDER BY MIN(TIMESTAMPDIFF(SECOND, f.${failedAt}, f.${due})), rung`,
  ].join(' ');
}

/** Narrow first: what is on the ladder is few, what ever failed may be many. */
function unsettled({ settledAt }: DeliveryFailuresRole, name: (plain: string) => string): string {
  return settledAt === undefined ? '' : ` AND ${name(settledAt)} IS NULL`;
}

function rungOf(row: z.infer<typeof rungRow>): Rung {
  return {
    rung: row.rung,
    ahead: row.ahead,
    due: row.due,
    overdue: row.overdue,
    nextInMs: row.next_us === null ? null : Number(row.next_us) / 1000,
    oldestDueMs: row.oldest_us === null ? null : ageMs(row.oldest_us),
  };
}
