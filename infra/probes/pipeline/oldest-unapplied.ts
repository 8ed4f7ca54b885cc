import { z } from 'zod';
import type { DeliveryFailuresRole, EffectsRole, OutboxRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { ageMs, known, type Part } from '../reading.ts';

export interface OldestUnapplied {
  readonly ageMs: number;
  /** False when rows before those looked at may be unapplied too: then it is at least this old. */
  readonly exact: boolean;
  readonly dedupKey: string;
}

/** How far the outbox has been followed: what makes the next look cheap, however many millions of rows there are. */
export interface AppliedPosition {
  /** Every row looked at up to this id is applied. */
  readonly upToId: bigint;
  /** False when the looking began in the middle of the table. */
  readonly fromStart: boolean;
}

/** Rows looked at in one reading: about 50 ms of MySQL's time, spent only by a first reading or after a long pause. */
const lookBackRows = 20_000n;
/** Ids are given before the commit: a row may appear below ids already seen, for as long as its transaction takes. */
const settleSeconds = 2;

const ends = z.object({ newest: z.coerce.bigint().nullable(), settled: z.coerce.bigint().nullable() });
const unapplied = z.object({ id: z.coerce.bigint(), dedup_key: z.string(), age_us: z.coerce.bigint() });

/**
 * The first outbox row without an effect after the position reached before. Left out are rows that were given up (they
 * are findings of the outbox) and events whose delivery failed: they are on the ladder or dead, and told of there. It stops at the first one found, so its cost is the rows that were applied since the last reading.
 * @returns null for `oldest` when every row looked at is applied.
 */
export async function readOldestUnapplied(
  mysql: ReadOnlyMysql,
  {
    outbox,
    effects,
    failures,
    before,
  }: {
    readonly outbox: OutboxRole;
    readonly effects: EffectsRole;
    readonly failures: DeliveryFailuresRole | undefined;
    readonly before: AppliedPosition | undefined;
  },
): Promise<{ readonly oldest: Part<OldestUnapplied | null>; readonly position: AppliedPosition }> {
  const [end] = await mysql.query(endsSql(outbox), [], ends);
  const newest = end?.newest ?? 0n;
  const reachable = newest > lookBackRows ? newest - lookBackRows : 0n;
  // Ids that went back mean an emptied table: what was remembered is void.
  const remembered = before !== undefined && before.upToId <= newest ? before : { upToId: 0n, fromStart: true };
  const start = remembered.upToId < reachable ? { upToId: reachable, fromStart: false } : remembered;
  const [found] = await mysql.query(
    firstUnappliedSql(outbox, effects, failures),
    [start.upToId, outbox.statusValues.dead, outbox.statusValues.skipped],
    unapplied,
  );
  const settled = end?.settled ?? 0n;
  const applied = found === undefined || found.id > settled ? settled : found.id - 1n;
  const position = { ...start, upToId: applied > start.upToId ? applied : start.upToId };
  if (found === undefined) return { oldest: known(null), position };
  const age = ageMs(found.age_us);
  const oldest = age.known ? known({ ageMs: age.value, exact: start.fromStart, dedupKey: found.dedup_key }) : age;
  return { oldest, position };
}

function endsSql({ table, id, createdAt }: OutboxRole): string {
  return `SELECT (SELECT MAX(${quote(id)}) FROM ${quote(table)}) AS newest,
    (SELECT ${quote(id)} FROM ${quote(table)} WHERE ${quote(createdAt)} <= NOW(6) - INTERVAL ${settleSeconds} SECOND
     ORDER BY ${quote(createdAt)} DESC LIMIT 1) AS settled`;
}

/** NO_SEMIJOIN: row by row from the position on; an antijoin might be planned as a hash of the whole journal. */
function firstUnappliedSql(
  outbox: OutboxRole,
  effects: EffectsRole,
  failures: DeliveryFailuresRole | undefined,
): string {
  const absentFrom = ({ table, dedupKey }: { readonly table: string; readonly dedupKey: string }): string =>
    `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM ${quote(table)} other
                     WHERE other.${quote(dedupKey)} = o.${quote(outbox.dedupKey)})`;
  return `SELECT o.${quote(outbox.id)} AS id, o.${quote(outbox.dedupKey)} AS dedup_key,
      TIMESTAMPDIFF(MICROSECOND, o.${quote(outbox.createdAt)}, NOW(6)) AS age_us
    FROM ${quote(outbox.table)} o
    WHERE o.${quote(outbox.id)} > ? AND o.${quote(outbox.status)} NOT IN (?, ?)
      ${absentFrom(effects)}
      ${failures === undefined ? '' : absentFrom(failures)}
    ORDER BY o.${quote(outbox.id)} LIMIT 1`;
}
