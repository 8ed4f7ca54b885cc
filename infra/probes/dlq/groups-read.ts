import { z } from 'zod';
import type { DeadLettersRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { printable } from '../../text.ts';
import { ageMs } from '../reading.ts';
import type { DeadLetterGroup, DlqGroups } from './groups.ts';

/** Grouping stops here, at the newest rows: a DLQ of millions must not make its own measurement slow. */
export const countedRowsMax = 20_000;
const groupsMax = 200;
/** A rate over a longer gap would say nothing about now. */
const rateGapMsMax = 60_000;

const groupRow = z.object({
  fingerprint: z.string(),
  newest_id: z.coerce.bigint(),
  class: z.string(),
  exception: z.string(),
  event_type: z.string().nullable(),
  counted: z.coerce.number(),
  copies: z.coerce.bigint(),
  distinct_messages: z.coerce.number(),
  newest_message: z.string(),
  newest_us: z.coerce.bigint(),
  oldest_us: z.coerce.bigint(),
  last_minute: z.coerce.number(),
  newest_key: z.string(),
});

const momentRow = z.object({
  database_time: z.string(),
  newest_id: z.coerce.bigint(),
  arrived: z.coerce.number(),
  elapsed_us: z.coerce.bigint().nullable(),
});

type DeadLetters = Omit<DlqGroups, 'unindexed' | 'ladder'>;

/** The groups of the newest rows, and how many rows came since `before`. */
export async function readGroups(
  mysql: ReadOnlyMysql,
  role: DeadLettersRole,
  before: DlqGroups | undefined,
): Promise<DeadLetters> {
  const since = before?.databaseTime ?? null;
  const [[moment], rows] = await Promise.all([
    mysql.query(momentSql(role), [before?.newestId ?? 0n, since], momentRow),
    mysql.query(groupsSql(role, { bounded: true }), [], groupRow),
  ]);
  if (moment === undefined) throw new Error('a SELECT without FROM gave no row');
  const groups = rows.map((row) => groupOf(row, before));
  const counted = groups.reduce((sum, group) => sum + group.rows, 0);
  const elapsedMs = moment.elapsed_us === null ? undefined : Number(moment.elapsed_us) / 1000;
  return {
    groups: groups.slice(0, groupsMax),
    deadLetters: { rows: counted, exact: counted < countedRowsMax && groups.length <= groupsMax },
    copies: groups.reduce((sum, { copies }) => sum + copies, 0n),
    byClass: classesOf(groups),
    lastMinute: groups.reduce((sum, { perMinute }) => sum + perMinute.now, 0),
    perSecond: rateOf(before, moment.arrived, elapsedMs),
    databaseTime: moment.database_time,
    newestId: moment.newest_id,
  };
}

/** Names are SQL-quoted where the probe asks, and plain where an operator reads the command. */
export function groupsSql(role: DeadLettersRole, { bounded = false } = {}): string {
  const name = bounded ? quote : (plain: string): string => plain;
  const [fingerprint, type, message] = [name(role.fingerprint), name(role.eventType), name(role.message)];
  const key = role.dedupKey === undefined ? undefined : name(role.dedupKey);
  const newestKey =
    key === undefined ? "''" : `SUBSTRING(MAX(CONCAT(LPAD(${name(role.id)}, 20, '0'), COALESCE(${key}, ''))), 21)`;
  const { table: _, ...columns } = role;
  const read = Object.values(columns).map(name).join(', ');
  const from = bounded
    ? `(SELECT ${read} FROM ${name(role.table)} ORDER BY ${name(role.id)} DESC LIMIT ${countedRowsMax}) newest`
    : name(role.table);
  const kind = `${fingerprint}, ${name(role.class)}, ${name(role.exception)}, ${type}`;
  return [
    `SELECT ${fingerprint} AS fingerprint, ${name(role.class)} AS class, ${name(role.exception)} AS exception,`,
    `${type} AS event_type, COUNT(*) AS counted, SUM(${name(role.copies)}) AS copies,`,
    `COUNT(DISTINCT ${message}) AS distinct_messages,`,
    // MAX over "id padded, then the message" finds the newest row's message in the same pass.
    `SUBSTRING(MAX(CONCAT(LPAD(${name(role.id)}, 20, '0'), ${message})), 21) AS newest_message,`,
    `MAX(${name(role.id)}) AS newest_id,`,
    `TIMESTAMPDIFF(MICROSECOND, MAX(${name(role.deadAt)}), NOW(6)) AS newest_us,`,
    `TIMESTAMPDIFF(MICROSECOND, MIN(${name(role.deadAt)}), NOW(6)) AS oldest_us,`,
    `SUM(${name(role.indexedAt)} > NOW(6) - INTERVAL 60 SECOND) AS last_minute,`,
    `${newestKey} AS newest_key`,
    `FROM ${from} GROUP BY ${kind} ORDER BY last_minute DESC, counted DESC, fingerprint`,
  ].join(' ');
}

function momentSql({ table, id }: DeadLettersRole): string {
  return `SELECT CAST(NOW(6) AS CHAR) AS database_time,
      COALESCE((SELECT MAX(${quote(id)}) FROM ${quote(table)}), 0) AS newest_id,
      (SELECT COUNT(*) FROM (SELECT 1 FROM ${quote(table)} WHERE ${quote(id)} > ? LIMIT ${countedRowsMax}) fresh) AS arrived,
      TIMESTAMPDIFF(MICROSECOND, ?, NOW(6)) AS elapsed_us`;
}

function groupOf(row: z.infer<typeof groupRow>, before: DlqGroups | undefined): DeadLetterGroup {
  const earlier = before?.groups.find(({ fingerprint }) => fingerprint === row.fingerprint);
  return {
    fingerprint: row.fingerprint,
    newestId: row.newest_id,
    class: printable(row.class),
    exception: printable(row.exception),
    eventType: row.event_type === null ? null : printable(row.event_type),
    rows: row.counted,
    copies: row.copies,
    newestMessage: printable(row.newest_message),
    newestDedupKey: row.newest_key === '' ? null : row.newest_key,
    distinctMessages: row.distinct_messages,
    newestAgeMs: ageMs(row.newest_us),
    oldestAgeMs: ageMs(row.oldest_us),
    // A group that was not there before had none.
    perMinute: { now: row.last_minute, before: before === undefined ? undefined : (earlier?.perMinute.now ?? 0) },
  };
}

function classesOf(groups: readonly DeadLetterGroup[]): DlqGroups['byClass'] {
  const byClass = new Map<string, { rows: number; copies: bigint }>();
  for (const group of groups) {
    const { rows, copies } = byClass.get(group.class) ?? { rows: 0, copies: 0n };
    byClass.set(group.class, { rows: rows + group.rows, copies: copies + group.copies });
  }
  return [...byClass]
    .map(([name, counts]) => ({ class: name, ...counts }))
    .sort((left, right) => right.rows - left.rows || (left.class < right.class ? -1 : 1));
}

/** Ids that went back mean an emptied table: nothing can be said about the time between. */
function rateOf(before: DlqGroups | undefined, arrived: number, elapsedMs: number | undefined): number | undefined {
  if (before === undefined || elapsedMs === undefined || elapsedMs <= 0 || elapsedMs > rateGapMsMax) return undefined;
  return (arrived * 1000) / elapsedMs;
}
