import { z } from 'zod';
import type { ReadOnlyMysql } from '../../infra/mysql/read-only.ts';
import { printable } from '../../infra/text.ts';
import { shardCount } from './shards.ts';

/** A row that holds its key: the relay sends no later row of the same account before it. */
export interface HeldRow {
  readonly id: string;
  readonly accountId: string;
  readonly dedupKey: string;
  readonly eventType: string;
  readonly status: 'DEAD' | 'PENDING';
  readonly attempts: number;
  /** Until the relay tries again by itself; null for a DEAD row, which waits for an operator. */
  readonly nextAttemptInMs: number | null;
  readonly lastError: string | null;
  /** Since it was written, by MySQL's clock. */
  readonly ageMs: number;
  /** Later rows of the key that wait behind it. */
  readonly holdsBack: number;
}

const heldRow = z.object({
  id: z.string(),
  account_id: z.string(),
  dedup_key: z.string(),
  event_type: z.string(),
  status: z.enum(['DEAD', 'PENDING']),
  attempts: z.coerce.number(),
  next_us: z.coerce.number().nullable(),
  last_error: z.string().nullable(),
  age_us: z.coerce.number(),
});
const behindRow = z.object({ id: z.string(), behind: z.coerce.number() });

const allShards = Array.from({ length: shardCount }, (_, shard) => shard).join(', ');
/** DEAD, or waiting for the next attempt: the same two that the claim leaves out with all that is behind them. */
const heldSql = (columns: string): string => `
  SELECT ${columns} FROM outbox_event WHERE shard IN (${allShards}) AND status = 'DEAD' AND id > ?
  UNION ALL
  SELECT ${columns} FROM outbox_event
  WHERE shard IN (${allShards}) AND status = 'PENDING' AND next_attempt_at > NOW(6) AND id > ?`;

export interface HeldRows {
  readonly rows: readonly HeldRow[];
  /** There are more than asked for. */
  readonly more: boolean;
}

/** Ids of rows that hold their key, the oldest first. @throws what ReadOnlyMysql throws. */
export async function heldIds(mysql: ReadOnlyMysql, after: string, limit: number): Promise<readonly string[]> {
  const rows = await mysql.query(
    `${heldSql('id')} ORDER BY id LIMIT ?`,
    [after, after, limit],
    z.object({ id: z.string() }),
  );
  return rows.map(({ id }) => id);
}

/**
 * The rows that hold their key, the oldest first, each with how much waits behind it.
 * @throws what ReadOnlyMysql throws.
 */
export async function heldRows(mysql: ReadOnlyMysql, { limit }: { readonly limit: number }): Promise<HeldRows> {
  const columns = `id, account_id, dedup_key, event_type, status, attempts, last_error,
    TIMESTAMPDIFF(MICROSECOND, NOW(6), next_attempt_at) AS next_us,
    TIMESTAMPDIFF(MICROSECOND, created_at, NOW(6)) AS age_us`;
  const found = await mysql.query(`${heldSql(columns)} ORDER BY id LIMIT ?`, ['0', '0', limit + 1], heldRow);
  const shown = found.slice(0, limit);
  const behind = await rowsBehind(mysql, shown);
  const rows = shown.map(
    (row): HeldRow => ({
      id: row.id,
      accountId: row.account_id,
      dedupKey: printable(row.dedup_key),
      eventType: printable(row.event_type),
      status: row.status,
      attempts: row.attempts,
      nextAttemptInMs: row.status === 'DEAD' || row.next_us === null ? null : row.next_us / 1000,
      lastError: row.last_error === null ? null : printable(row.last_error),
      ageMs: row.age_us / 1000,
      holdsBack: behind.get(row.id) ?? 0,
    }),
  );
  return { rows, more: found.length > limit };
}

/** One pass over the pending rows, however many rows hold. */
async function rowsBehind(
  mysql: ReadOnlyMysql,
  held: readonly z.infer<typeof heldRow>[],
): Promise<ReadonlyMap<string, number>> {
  if (held.length === 0) return new Map();
  const keys = JSON.stringify(held.map(({ id, account_id }) => ({ id, account: account_id })));
  const rows = await mysql.query(
    `SELECT held.id, COUNT(*) AS behind
     FROM outbox_event later JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$.id', account BIGINT PATH '$.account')) held
       ON held.account = later.account_id AND later.id > held.id
     WHERE later.shard IN (${allShards}) AND later.status = 'PENDING' GROUP BY held.id`,
    [keys],
    behindRow,
  );
  return new Map(rows.map(({ id, behind }) => [id, behind]));
}
