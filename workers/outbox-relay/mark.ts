import type { ResultSetHeader } from 'mysql2/promise';
import type { Connection } from '../../infra/mysql/pool.ts';

/** Where Kafka stored a row's event. */
export interface SentRow {
  readonly id: string;
  readonly partition: number;
  readonly offset: string;
}

/** A row's own failures before it is DEAD and waits for an operator. */
export const attemptsMax = 5;

/**
 * Marks rows as SENT with their place in the topic, in one statement. Rows that are not PENDING any more are left alone.
 * A relay that lost its shard cannot come here: whoever took over has killed its connection.
 * @returns how many were marked.
 */
export async function markSent(connection: Connection, rows: readonly SentRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const [result] = await connection.query<ResultSetHeader>(
    `UPDATE outbox_event JOIN JSON_TABLE(?, '$[*]' COLUMNS (
       id BIGINT PATH '$.id', partition_id INT PATH '$.partition', record_offset BIGINT PATH '$.offset')) sent
       ON sent.id = outbox_event.id
     SET status = 'SENT', sent_at = NOW(6), sent_partition = sent.partition_id, sent_offset = sent.record_offset,
         next_attempt_at = NULL, last_error = NULL
     WHERE outbox_event.status = 'PENDING'`,
    [JSON.stringify(rows)],
  );
  return result.affectedRows;
}

/** Counts a failure that is the row's own: next attempt after 1, 2, 4 … s, DEAD after the last. */
export async function markFailed(
  connection: Connection,
  row: { readonly id: string; readonly attempts: number },
  problem: string,
): Promise<void> {
  const attempts = row.attempts + 1;
  const dead = attempts >= attemptsMax;
  await connection.query(
    `UPDATE outbox_event SET attempts = ?, status = ?, last_error = ?,
       next_attempt_at = IF(?, NULL, NOW(6) + INTERVAL ? SECOND)
     WHERE id = ? AND status = 'PENDING' AND attempts = ?`,
    [attempts, dead ? 'DEAD' : 'PENDING', problem.slice(0, 500), dead, 2 ** row.attempts, row.id, row.attempts],
  );
}
