import { z } from 'zod';
import type { OutboxRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { SqlReader } from '../../mysql/read-only.ts';
import { notMapped, type Part, partOf, UnknownValue, unknownPart } from '../../probes/reading.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import type { AskContext } from '../diagnosis.ts';
import { placeholders } from '../loss/applied.ts';

/** A row that holds back the later rows of its key. */
export interface Holding {
  readonly id: string;
  readonly dedupKey: string;
  readonly account: string | null;
  readonly isDead: boolean;
  readonly attempts: string | null;
  readonly lastError: string | null;
  readonly ageMs: number;
  /** Later rows of its key that wait; null where no column tells the key. */
  readonly holdsBack: number | null;
}

/** Two rows of one key whose records stand in the topic the other way round. */
export interface Inversion {
  readonly id: string;
  readonly dedupKey: string;
  readonly account: string;
  readonly partition: number;
  readonly offset: string;
  readonly offsetBefore: string;
}

export interface OutboxFacts {
  readonly holding: readonly Holding[];
  /** There are more than were read. */
  readonly holdingMore: boolean;
  readonly inversions: Part<readonly Inversion[]>;
  /** Of the newest rows so many were compared. */
  readonly compared: number;
  /** The oldest row that waits although nothing holds it; null: none. */
  readonly stuck: { readonly id: string; readonly dedupKey: string; readonly ageMs: number } | null;
  readonly relays: Part<readonly { readonly worker: string; readonly beatAgeMs: number }[]>;
  /** By name: who owns a shard; only the lab keeps that. */
  readonly shards: Part<readonly { readonly name: string; readonly owner: string; readonly expired: boolean }[]>;
}

const [holdingMax, comparedRows, inversionsMax, pendingMax] = [500, 50_000, 200, 100_000];

/** All of it in one snapshot: a row that is held and the rows behind it belong together. */
export async function readOutbox(target: Target, { signal }: Pick<AskContext, 'signal'>): Promise<OutboxFacts> {
  const { mysql, roles } = target;
  const { outbox } = roles;
  if (outbox === undefined) throw new UnknownValue(notMapped);
  const relays = await partOf(readRelays(target));
  const shards = await partOf(readShards(target));
  const facts = await mysql.snapshot(
    async (sql) => {
      const { rows, more } = await holdingRows(sql, outbox);
      const behind = await rowsBehind(sql, outbox, rows);
      return {
        holding: rows.map((row) => ({ ...row, holdsBack: behind?.get(row.id) ?? (behind === undefined ? null : 0) })),
        holdingMore: more,
        stuck: await oldestFree(sql, outbox, rows),
        ...(await inversionsIn(sql, outbox)),
      };
    },
    { signal, timeoutMs: 30_000 },
  );
  return { ...facts, relays, shards };
}

const idRow = z.object({ id: z.string() });
const holdingRow = z.object({
  id: z.string(),
  dedup_key: z.string(),
  account: z.string().nullable(),
  status: z.string(),
  attempts: z.string().nullable(),
  last_error: z.string().nullable(),
  age_us: z.coerce.number(),
});

/** Ids first, from an index alone (it may begin with a shard, hence SKIP_SCAN); then the few rows. */
async function holdingRows(
  sql: SqlReader,
  outbox: OutboxRole,
): Promise<{ readonly rows: readonly Omit<Holding, 'holdsBack'>[]; readonly more: boolean }> {
  const [table, id, status] = [outbox.table, outbox.id, outbox.status].map(quote);
  const { dead, pending } = outbox.statusValues;
  const ids = [
    ...(await sql.query(
      `SELECT /*+ SKIP_SCAN(o) */ o.${id} AS id FROM ${table} o WHERE o.${status} = ? LIMIT ${holdingMax + 1}`,
      [dead],
      idRow,
    )),
  ];
  if (outbox.nextAttemptAt !== undefined) {
    const waiting = `SELECT /*+ SKIP_SCAN(o) */ o.${id} AS id FROM ${table} o WHERE o.${status} = ? AND o.${quote(outbox.nextAttemptAt)} > NOW(6) LIMIT ${holdingMax + 1}`;
    ids.push(...(await sql.query(waiting, [pending], idRow)));
  }
  if (ids.length === 0) return { rows: [], more: false };
  const column = (name: string | undefined): string =>
    name === undefined ? 'NULL' : `LEFT(CAST(${quote(name)} AS CHAR), 300)`;
  const text = `SELECT ${id} AS id, ${quote(outbox.dedupKey)} AS dedup_key, ${column(outbox.accountId)} AS account, ${status} AS status,
      ${column(outbox.attempts)} AS attempts, ${column(outbox.lastError)} AS last_error,
      TIMESTAMPDIFF(MICROSECOND, ${quote(outbox.createdAt)}, NOW(6)) AS age_us
    FROM ${table} WHERE ${id} IN (${placeholders(ids)}) ORDER BY ${id} LIMIT ${holdingMax}`;
  const rows = await sql.query(
    text,
    ids.map((one) => one.id),
    holdingRow,
  );
  return {
    more: ids.length > holdingMax,
    rows: rows.map((row) => ({
      id: row.id,
      dedupKey: printable(row.dedup_key),
      account: row.account,
      isDead: row.status === dead,
      attempts: row.attempts,
      lastError: row.last_error === null ? null : printable(row.last_error),
      ageMs: row.age_us / 1000,
    })),
  };
}

const behindRow = z.object({ id: z.string(), behind: z.coerce.number() });

/** How many pending rows of the same key come after each; undefined where no column tells the key. */
async function rowsBehind(
  sql: SqlReader,
  outbox: OutboxRole,
  holding: readonly Pick<Holding, 'id'>[],
): Promise<ReadonlyMap<string, number> | undefined> {
  if (outbox.accountId === undefined) return undefined;
  if (holding.length === 0) return new Map();
  const [table, id, account, status] = [outbox.table, outbox.id, outbox.accountId, outbox.status].map(quote);
  // The pending ones from an index, however many rows were sent before.
  const text = `SELECT held.${id} AS id, COUNT(*) AS behind
    FROM (SELECT /*+ SKIP_SCAN(w) */ w.${id} AS waiting FROM ${table} w WHERE w.${status} = ? LIMIT ${pendingMax}) pending
    JOIN ${table} later ON later.${id} = pending.waiting
    JOIN (SELECT ${id}, ${account} FROM ${table} WHERE ${id} IN (${placeholders(holding)})) held
      ON held.${account} = later.${account} AND held.${id} < later.${id}
    GROUP BY held.${id}`;
  const rows = await sql.query(text, [outbox.statusValues.pending, ...holding.map((row) => row.id)], behindRow);
  return new Map(rows.map(({ id: held, behind }) => [held, behind]));
}

const stuckRow = z.object({
  id: z.string(),
  dedup_key: z.string(),
  account: z.string().nullable(),
  age_us: z.coerce.number(),
});

/** The oldest pending row of a key that nothing holds. */
async function oldestFree(
  sql: SqlReader,
  outbox: OutboxRole,
  holding: readonly Omit<Holding, 'holdsBack'>[],
): Promise<OutboxFacts['stuck']> {
  const [table, id, status] = [outbox.table, outbox.id, outbox.status].map(quote);
  const held = [...new Set(holding.flatMap(({ account }) => account ?? []))];
  const account = outbox.accountId === undefined ? undefined : quote(outbox.accountId);
  const free = account === undefined || held.length === 0 ? '' : `AND o.${account} NOT IN (${placeholders(held)})`;
  const due =
    outbox.nextAttemptAt === undefined
      ? ''
      : `AND (o.${quote(outbox.nextAttemptAt)} IS NULL OR o.${quote(outbox.nextAttemptAt)} <= NOW(6))`;
  const text = `SELECT o.${id} AS id, o.${quote(outbox.dedupKey)} AS dedup_key, ${account === undefined ? 'NULL' : `o.${account}`} AS account,
      TIMESTAMPDIFF(MICROSECOND, o.${quote(outbox.createdAt)}, NOW(6)) AS age_us
    FROM (SELECT /*+ SKIP_SCAN(w) */ w.${id} AS waiting FROM ${table} w WHERE w.${status} = ? LIMIT ${pendingMax}) pending
    JOIN ${table} o ON o.${id} = pending.waiting WHERE TRUE ${free} ${due} ORDER BY o.${id} LIMIT 1`;
  const [row] = await sql.query(text, [outbox.statusValues.pending, ...(free === '' ? [] : held)], stuckRow);
  return row === undefined ? null : { id: row.id, dedupKey: printable(row.dedup_key), ageMs: row.age_us / 1000 };
}

const inversionRow = z.object({
  id: z.string(),
  dedup_key: z.string(),
  account: z.string(),
  sent_partition: z.coerce.number(),
  sent_offset: z.string(),
  before_offset: z.string(),
});

/**
 * Of the newest rows: a row must stand behind the one before it of its key, in the same partition. Compared with that one
 * alone: an earlier row whose place is wrong says nothing about all that came behind it.
 */
async function inversionsIn(sql: SqlReader, outbox: OutboxRole): Promise<Pick<OutboxFacts, 'inversions' | 'compared'>> {
  const { accountId, sentPartition, sentOffset } = outbox;
  if (accountId === undefined || sentPartition === undefined || sentOffset === undefined) {
    return { inversions: unknownPart(notMapped), compared: 0 };
  }
  const [table, id, status, account, partition, offset] = [
    outbox.table,
    outbox.id,
    outbox.status,
    accountId,
    sentPartition,
    sentOffset,
  ].map(quote);
  const newest = `SELECT ${id} AS id, ${quote(outbox.dedupKey)} AS dedup_key, ${account} AS account, ${partition} AS sent_partition, ${offset} AS sent_offset, ${status} AS status
    FROM ${table} ORDER BY ${id} DESC LIMIT ${comparedRows}`;
  const text = `SELECT id, dedup_key, account, sent_partition, sent_offset, before_offset FROM (
      SELECT newest.*, LAG(sent_offset) OVER (PARTITION BY account, sent_partition ORDER BY id) AS before_offset
      FROM (${newest}) newest WHERE status = ? AND sent_offset IS NOT NULL) compared
    WHERE sent_offset < before_offset ORDER BY id LIMIT ${inversionsMax}`;
  const [count] = await sql.query(
    `SELECT COUNT(*) AS counted FROM (SELECT 1 FROM ${table} LIMIT ${comparedRows}) newest`,
    [],
    z.object({ counted: z.coerce.number() }),
  );
  const inversions = await partOf(
    sql.query(text, [outbox.statusValues.sent], inversionRow).then((rows) =>
      rows.map((row) => ({
        id: row.id,
        dedupKey: printable(row.dedup_key),
        account: row.account,
        partition: row.sent_partition,
        offset: row.sent_offset,
        offsetBefore: row.before_offset,
      })),
    ),
  );
  return { inversions, compared: count?.counted ?? 0 };
}

const relayRow = z.object({ worker: z.string(), age_us: z.coerce.number() });

async function readRelays({
  mysql,
  roles,
}: Target): Promise<readonly { readonly worker: string; readonly beatAgeMs: number }[]> {
  if (roles.heartbeats === undefined) throw new UnknownValue(notMapped);
  const sql = `SELECT worker, MIN(TIMESTAMPDIFF(MICROSECOND, beat_at, NOW(6))) AS age_us FROM ${quote(roles.heartbeats.table)}
    WHERE worker LIKE 'outbox-relay%' GROUP BY worker ORDER BY worker`;
  return (await mysql.query(sql, [], relayRow)).map(({ worker, age_us }) => ({
    worker: printable(worker),
    beatAgeMs: age_us / 1000,
  }));
}

const shardRow = z.object({ name: z.string(), owner: z.string(), expired: z.coerce.number() });

/** The lab's relays own their shards by lease. */
async function readShards({
  mysql,
  roles,
}: Target): Promise<readonly { readonly name: string; readonly owner: string; readonly expired: boolean }[]> {
  if (roles.heartbeats === undefined) throw new UnknownValue(notMapped);
  const sql = `SELECT name, owner, expires_at < NOW(6) AS expired FROM lease WHERE name LIKE '%outbox.%' ORDER BY name LIMIT 64`;
  return (await mysql.query(sql, [], shardRow)).map(({ name, owner, expired }) => ({
    name,
    owner: printable(owner),
    expired: expired === 1,
  }));
}
