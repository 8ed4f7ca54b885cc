import { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { printable } from '../../text.ts';
import { known, type Part, partOf, unknownPart } from '../reading.ts';
import { isPerformanceSchemaOff, performanceSchemaOff } from './performance-schema.ts';

export interface FailedStatement {
  readonly errno: number;
  readonly pid: string;
  readonly user: string;
  readonly database: string | null;
  readonly statement: string;
  readonly agoMs: number;
}

const recentMax = 20;
const sqlMax = 400;

const failed = z.object({
  errno: z.coerce.number(),
  pid: z.coerce.string(),
  user: z.string().nullable(),
  db: z.string().nullable(),
  statement: z.string().nullable(),
  ago_ps: z.coerce.bigint().nullable(),
});

/**
 * The last few statements of each connected session are kept by performance_schema, with the errno they ended in. Timers
 * count picoseconds; this statement's own running timer is their now. Unknown where it may not be read.
 */
export async function readFailedStatements(
  mysql: ReadOnlyMysql,
  errnos: readonly number[],
): Promise<Part<readonly FailedStatement[]>> {
  const rows = await partOf(
    mysql.query(
      `SELECT /*+ MAX_EXECUTION_TIME(1000) */ h.MYSQL_ERRNO AS errno, t.PROCESSLIST_ID AS pid,
         t.PROCESSLIST_USER AS user, h.CURRENT_SCHEMA AS db, LEFT(h.SQL_TEXT, ${sqlMax}) AS statement,
         (SELECT MAX(c.TIMER_END) FROM performance_schema.events_statements_current c
          JOIN performance_schema.threads own ON own.THREAD_ID = c.THREAD_ID
          WHERE own.PROCESSLIST_ID = CONNECTION_ID()) - h.TIMER_END AS ago_ps
       FROM performance_schema.events_statements_history h
       JOIN performance_schema.threads t ON t.THREAD_ID = h.THREAD_ID
       WHERE h.MYSQL_ERRNO IN (${errnos.join(', ')}) ORDER BY h.TIMER_END DESC LIMIT ${recentMax}`,
      [],
      failed,
    ),
  );
  if (!rows.known) return unknownPart(`${rows.reason} (SELECT on performance_schema)`);
  if (rows.value.length === 0 && (await isPerformanceSchemaOff(mysql))) return unknownPart(performanceSchemaOff);
  return known(
    rows.value.map(({ errno, pid, user, db, statement, ago_ps }) => ({
      errno,
      pid,
      user: printable(user ?? ''),
      database: db === null ? null : printable(db),
      statement: printable(statement ?? ''),
      agoMs: Math.max(0, Number((ago_ps ?? 0n) / 1_000_000_000n)),
    })),
  );
}
