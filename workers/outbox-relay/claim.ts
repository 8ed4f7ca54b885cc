import type { RowDataPacket } from 'mysql2/promise';
import { type BalanceChanged, fromOutboxPayload } from '../../infra/contract/envelope.ts';
import { headersOf } from '../../infra/contract/headers.ts';
import type { Connection } from '../../infra/mysql/pool.ts';

/** What is sent of a row; one that cannot be read is its own row's fault and dies alone. */
type Content =
  | { readonly event: BalanceChanged }
  | { readonly raw: Buffer; readonly headers: Readonly<Record<string, string>> }
  | { readonly problem: string };

/** A pending row. */
export type ClaimedRow = Content & {
  readonly id: string;
  readonly accountId: string;
  readonly attempts: number;
  readonly dedupKey: string;
};

/**
 * The oldest pending rows of the given shards, without row locks: the shards are owned by lease, and locking reads would
 * only skip rows of one's own. Rows behind a held one of the same key are left out, so that a key's order survives a row
 * that is DEAD or waits for its next attempt.
 *
 * The index (shard, status, id) serves one shard directly; over several it sorts their pending rows, which is cheap when
 * few are pending and ruinous with a backlog. So: many shards with a small limit when idle, one shard under backlog.
 */
export async function claim(
  connection: Connection,
  { shards, limit }: { readonly shards: readonly number[]; readonly limit: number },
): Promise<readonly ClaimedRow[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT pending.id, pending.account_id, pending.attempts, pending.dedup_key, pending.event_id, pending.event_type,
            pending.payload
     FROM outbox_event pending
     LEFT JOIN (
       SELECT account_id, MIN(id) AS held_from FROM (
         SELECT account_id, id FROM outbox_event WHERE shard IN (?) AND status = 'DEAD'
         UNION ALL
         SELECT account_id, id FROM outbox_event
         WHERE shard IN (?) AND status = 'PENDING' AND next_attempt_at > NOW(6)
       ) waiting GROUP BY account_id
     ) held ON held.account_id = pending.account_id AND held.held_from <= pending.id
     WHERE pending.shard IN (?) AND pending.status = 'PENDING' AND held.account_id IS NULL
     ORDER BY pending.id
     LIMIT ?`,
    [shards, shards, shards, limit],
  );
  return rows.map((row) => ({
    id: String(row.id),
    accountId: String(row.account_id),
    attempts: Number(row.attempts),
    dedupKey: String(row.dedup_key),
    ...contentOf(row),
  }));
}

function contentOf(row: RowDataPacket): Content {
  try {
    const payload = fromOutboxPayload(row.payload);
    if ('event' in payload) return payload;
    const names = { eventType: String(row.event_type), eventId: String(row.event_id), dedupKey: String(row.dedup_key) };
    return { raw: payload.raw, headers: headersOf({ ...names, schemaVersion: rawSchemaVersion }) };
  } catch (error) {
    return { problem: `payload cannot be read: ${String(error)}` };
  }
}

/** Nobody looked into the bytes. */
const rawSchemaVersion = 0;
