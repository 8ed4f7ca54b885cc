import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { EngineError, InterruptedError } from '../../errors.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import type { SqlPart } from './applied.ts';

/** One table gone through in the order of a column that has an index. */
export interface Walk {
  readonly table: string;
  /** Grows with each row. */
  readonly id: string;
  /** Narrows the rows; begins with AND. */
  readonly only: SqlPart;
}

export interface Window {
  readonly after: bigint;
  readonly upTo: bigint;
  readonly rows: number;
}

interface Pace {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Rows gone through so far. */
  readonly onRows: (rows: number) => void;
}

/** What one statement should take: short enough that nobody else waits for it. */
const wantedMs = 400;
const [rowsFirst, rowsMin, rowsMax] = [5_000, 250, 20_000];
const statementTimeoutMs = 5_000;

const boundRow = z.object({ up_to: z.coerce.bigint().nullable(), counted: z.coerce.number() });

/**
 * Calls `look` for window after window, each about as large as MySQL goes through in 400 ms. The end of the table is the
 * one it had at the start. @returns how many rows there were. @throws as ReadOnlyMysql.query, InterruptedError, and what
 * `look` throws.
 */
export async function walk(
  mysql: ReadOnlyMysql,
  { table, id, only }: Walk,
  { clock, signal, onRows }: Pace,
  look: (window: Window, timeoutMs: number) => Promise<void>,
): Promise<number> {
  const endSql = `SELECT MAX(${quote(id)}) AS up_to, 0 AS counted FROM ${quote(table)} WHERE TRUE ${only.sql}`;
  const [end] = await mysql.longQuery(endSql, only.params, boundRow);
  const last = end?.up_to ?? null;
  let [after, size, total] = [-1n, rowsFirst, 0];
  while (last !== null && after < last) {
    if (signal.aborted) throw new InterruptedError();
    const bound = `SELECT MAX(id) AS up_to, COUNT(*) AS counted FROM (SELECT ${quote(id)} AS id FROM ${quote(table)}
      WHERE ${quote(id)} > ? AND ${quote(id)} <= ? ${only.sql} ORDER BY ${quote(id)} LIMIT ${size}) bound`;
    const [next] = await mysql.longQuery(bound, [after, last, ...only.params], boundRow);
    if (next === undefined || next.up_to === null) break;
    const startedMs = clock.monotonic();
    try {
      await look({ after, upTo: next.up_to, rows: next.counted }, statementTimeoutMs);
    } catch (error) {
      if (!isTooSlow(error) || size <= rowsMin) throw error;
      size = Math.max(rowsMin, Math.floor(size / 4));
      continue;
    }
    const tookMs = Math.max(1, clock.monotonic() - startedMs);
    size = Math.round(Math.min(rowsMax, size * 2, Math.max(rowsMin, (size * wantedMs) / tookMs)));
    after = next.up_to;
    total += next.counted;
    onRows(next.counted);
  }
  return total;
}

/** Max execution time: the window was too wide for a cold or busy server. */
const isTooSlow = (error: unknown): boolean => error instanceof EngineError && error.code === 3024;
