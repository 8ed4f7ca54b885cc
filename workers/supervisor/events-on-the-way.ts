import type { RowDataPacket } from 'mysql2/promise';
import { z } from 'zod';
import type { Pool } from '../../infra/mysql/pool.ts';
import type { ReadOnlyMysql } from '../../infra/mysql/read-only.ts';

/** Older ones are not on their way: they are somebody's finding. */
const windowSeconds = 120;

/**
 * Whether events written lately are neither applied nor written down as failed: still in the outbox, in the topic, or in
 * the projector's hands. Rows that wait for their own next attempt, or for an operator, are not counted.
 */
export async function hasEventsOnTheWay(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT 1 FROM outbox_event written
     WHERE written.created_at > NOW(6) - INTERVAL ? SECOND
       AND (written.status = 'SENT' OR (written.status = 'PENDING' AND written.next_attempt_at IS NULL))
       AND NOT EXISTS (SELECT 1 FROM applied_effect effect WHERE effect.dedup_key = written.dedup_key)
       AND NOT EXISTS (SELECT 1 FROM delivery_failure failure WHERE failure.dedup_key = written.dedup_key)
     LIMIT 1`,
    [windowSeconds],
  );
  return rows.length > 0;
}

const laddered = z.object({ waiting: z.coerce.number() });

/** Failed deliveries that wait for their next attempt. @throws what ReadOnlyMysql throws. */
export async function eventsOnLadder(mysql: ReadOnlyMysql): Promise<number> {
  const sql = 'SELECT COUNT(*) AS waiting FROM delivery_failure WHERE settled_at IS NULL';
  return (await mysql.query(sql, [], laddered))[0]?.waiting ?? 0;
}
