import type { RowDataPacket } from 'mysql2/promise';
import type { Pool } from './pool.ts';

/**
 * Ends the sessions of frozen workers that hold transactions open: a process stopped by SIGSTOP keeps its row locks for
 * ever, because its kernel keeps the connection alive. Frozen is who opened the transaction longer ago than
 * `silentMs` and has not written its heartbeat since, or has no heartbeat any more. When it wakes, its transaction is
 * gone, and its next statement fails.
 * @param ownerPrefix of the connection attribute `labctl_owner`: `<scope>.<worker>`; owners end with `.<pid>`.
 * @returns how many sessions were ended. @throws mysql2's error.
 */
export async function endFrozenSessions(
  pool: Pick<Pool, 'query'>,
  { ownerPrefix, silentMs }: { readonly ownerPrefix: string; readonly silentMs: number },
): Promise<number> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT trx.trx_mysql_thread_id AS id
     FROM information_schema.innodb_trx trx
     JOIN performance_schema.session_connect_attrs attrs
       ON attrs.processlist_id = trx.trx_mysql_thread_id AND attrs.attr_name = 'labctl_owner'
     LEFT JOIN worker_heartbeat heartbeat
       ON heartbeat.pid = CAST(SUBSTRING_INDEX(attrs.attr_value, '.', -1) AS UNSIGNED)
       AND heartbeat.beat_at > NOW(6) - INTERVAL ? MICROSECOND
     WHERE LEFT(attrs.attr_value, CHAR_LENGTH(?)) = ? AND trx.trx_started < NOW() - INTERVAL ? MICROSECOND
       AND heartbeat.pid IS NULL`,
    [silentMs * 1000, ownerPrefix, ownerPrefix, silentMs * 1000],
  );
  let ended = 0;
  for (const { id } of rows) {
    try {
      await pool.query(`KILL ${BigInt(id)}`); // no placeholder in its syntax; digits only
      ended += 1;
    } catch (error) {
      if ((error as { errno?: number }).errno !== 1094) throw error; // 1094: it ended by itself meanwhile
    }
  }
  return ended;
}
