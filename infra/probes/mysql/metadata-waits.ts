import { z } from 'zod';
import { type MetadataWait, metadataWaits } from '../../mysql/metadata-locks.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { known, type Part, partOf, unknownPart } from '../reading.ts';
import { limited } from './bounds.ts';
import { isPerformanceSchemaOff } from './performance-schema.ts';

/** More waits than this are one and the same jam. */
const locksMax = 20_000;

const stuck = z.object({ pid: z.coerce.string(), seconds: z.coerce.number(), state: z.string() });

export interface StuckSession {
  readonly pid: string;
  readonly seconds: number;
  /** `Waiting for table metadata lock`, `Waiting for global read lock`, … */
  readonly state: string;
}

/**
 * Sessions that wait for a lock above InnoDB. performance_schema.threads takes no lock of the server's;
 * information_schema.PROCESSLIST does, and is what is left where the other is not there or not permitted.
 */
export async function readMetadataWaiters(mysql: ReadOnlyMysql, isMariaDb: boolean): Promise<readonly StuckSession[]> {
  const waits = (column: string): string =>
    `${column} LIKE 'Waiting for %lock' OR ${column} = 'Waiting for table flush'`;
  const own = `SELECT ID AS pid, TIME AS seconds, STATE AS state FROM information_schema.PROCESSLIST WHERE ${waits('STATE')} LIMIT 500`;
  if (isMariaDb) return mysql.query(own, [], stuck);
  const threads = await partOf(
    mysql.query(
      `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_TIME AS seconds, PROCESSLIST_STATE AS state
       FROM performance_schema.threads WHERE ${waits('PROCESSLIST_STATE')} LIMIT 500`,
      [],
      stuck,
    ),
  );
  const isTold = threads.known && (threads.value.length > 0 || !(await isPerformanceSchemaOff(mysql)));
  return isTold ? threads.value : mysql.query(own, [], stuck);
}

const metadataLock = z.object({
  object_type: z.string(),
  object_schema: z.string().nullable(),
  object_name: z.string().nullable(),
  lock_type: z.string(),
  lock_status: z.string(),
  pid: z.coerce.string(),
});

/** Unknown where performance_schema is off or may not be read; MariaDB ships with it off. */
export async function readMetadataWaits(mysql: ReadOnlyMysql): Promise<Part<readonly MetadataWait[]>> {
  const rows = await partOf(
    mysql.query(
      `SELECT ${limited} DISTINCT m.OBJECT_TYPE AS object_type, m.OBJECT_SCHEMA AS object_schema,
         m.OBJECT_NAME AS object_name, m.LOCK_TYPE AS lock_type, m.LOCK_STATUS AS lock_status, t.PROCESSLIST_ID AS pid
       FROM performance_schema.metadata_locks p
       JOIN performance_schema.metadata_locks m ON m.OBJECT_TYPE = p.OBJECT_TYPE
         AND m.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND m.OBJECT_NAME <=> p.OBJECT_NAME
       JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
       WHERE p.LOCK_STATUS = 'PENDING' AND t.PROCESSLIST_ID IS NOT NULL LIMIT ${locksMax}`,
      [],
      metadataLock,
    ),
  );
  if (!rows.known) return unknownPart(`${rows.reason} (SELECT on performance_schema)`);
  const locks = rows.value.map((row) => ({
    objectType: row.object_type,
    schema: row.object_schema,
    name: row.object_name,
    type: row.lock_type,
    status: row.lock_status,
    pid: row.pid,
  }));
  return known(metadataWaits(locks));
}
