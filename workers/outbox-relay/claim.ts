import type { RowDataPacket } from 'mysql2/promise';
import { type BalanceChanged, fromOutboxPayload } from '../../infra/contract/envelope.ts';
import type { Connection } from '../../infra/mysql/pool.ts';

/** A pending row. An event that cannot be read from its own row is that row's fault and dies alone. */
export type ClaimedRow =
  | { readonly id: string; readonly accountId: string; readonly attempts: number; readonly event: BalanceChanged }
  | { readonly id: string; readonly accountId: string; readonly attempts: number; readonly problem: string };

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
    `SELECT pending.id, pending.account_id, pending.attempts, pending.payload
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
  return rows.map((row) => {
    const claimed = { id: String(row.id), accountId: String(row.account_id), attempts: Number(row.attempts) };
    try {
      return { ...claimed, event: fromOutboxPayload(row.payload) };
    } catch (error) {
      return { ...claimed, problem: `payload cannot be read: ${String(error)}` };
    }
  });
}
