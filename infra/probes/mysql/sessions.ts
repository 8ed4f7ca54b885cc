import { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { printable } from '../../text.ts';
import { known, notPermitted, type Part, partOf, unknownPart } from '../reading.ts';
import { cleaned, limited, sqlMax } from './bounds.ts';

export interface Session {
  readonly pid: string;
  readonly user: string;
  readonly host: string;
  readonly database: string | null;
  /** `Sleep` between statements. */
  readonly command: string;
  /** How long it has been doing that, in whole seconds. */
  readonly forSeconds: number;
  readonly state: string;
  readonly statement: string | null;
  /** The last statement it finished: of an idle blocker, the only trace of what it did. */
  readonly lastStatement: Part<string | null>;
}

const session = z.object({
  pid: z.coerce.string(),
  user: z.string().nullable(),
  host: z.string().nullable(),
  db: z.string().nullable(),
  command: z.string().nullable(),
  seconds: z.coerce.number(),
  state: z.string().nullable(),
  info: z.string().nullable(),
  last_statement: z.string().nullable().optional(),
});

const lastStatement = `(SELECT LEFT(h.SQL_TEXT, ${sqlMax}) FROM performance_schema.events_statements_history h
  WHERE h.THREAD_ID = t.THREAD_ID AND h.SQL_TEXT IS NOT NULL ORDER BY h.EVENT_ID DESC LIMIT 1)`;

/** Who they are and what they did last. @param pids at most a few hundred. */
export async function readSessions(mysql: ReadOnlyMysql, pids: readonly string[]): Promise<readonly Session[]> {
  if (pids.length === 0) return [];
  const these = pids.map(() => '?').join(', ');
  const fromThreads = await partOf(
    mysql.query(
      `SELECT ${limited} t.PROCESSLIST_ID AS pid, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host,
         t.PROCESSLIST_DB AS db, t.PROCESSLIST_COMMAND AS command, COALESCE(t.PROCESSLIST_TIME, 0) AS seconds,
         t.PROCESSLIST_STATE AS state, LEFT(t.PROCESSLIST_INFO, ${sqlMax}) AS info, ${lastStatement} AS last_statement
       FROM performance_schema.threads t WHERE t.PROCESSLIST_ID IN (${these})`,
      pids,
      session,
    ),
  );
  // The table is there and empty while performance_schema is off.
  const isThere = fromThreads.known && fromThreads.value.length > 0;
  const rows = isThere
    ? fromThreads.value
    : await mysql.query(
        `SELECT ID AS pid, USER AS user, HOST AS host, DB AS db, COMMAND AS command, TIME AS seconds, STATE AS state,
           LEFT(INFO, ${sqlMax}) AS info FROM information_schema.PROCESSLIST WHERE ID IN (${these})`,
        pids,
        session,
      );
  const noHistory = unknownPart<string | null>(
    fromThreads.known ? 'performance_schema is off' : `${notPermitted} (SELECT on performance_schema)`,
  );
  return rows.map((row) => ({
    pid: row.pid,
    user: printable(row.user ?? ''),
    host: printable(row.host ?? ''),
    database: cleaned(row.db),
    command: row.command ?? '',
    forSeconds: row.seconds,
    state: printable(row.state ?? ''),
    statement: cleaned(row.info),
    lastStatement: row.last_statement === undefined ? noHistory : known(cleaned(row.last_statement)),
  }));
}
