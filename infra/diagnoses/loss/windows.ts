import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { EngineError, InterruptedError } from '../../errors.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql, SqlValue } from '../../mysql/read-only.ts';
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
  table: Walk,
  { clock, signal, onRows }: Pace,
  look: LookAt,
): Promise<number> {
  const bound = boundIn(mysql, table);
  const last = await bound.end();
  const nextOf = table.only.sql === '' ? bound.bySpan : bound.byRows;
  let [after, size, span, total] = [-1n, rowsFirst, BigInt(rowsFirst), 0];
  while (last !== null && after < last) {
    if (signal.aborted) throw new InterruptedError();
    const startedMs = clock.monotonic();
    try {
      const next = await nextOf({ after, last, size, span });
      if (next === undefined) break;
      await look(next, statementTimeoutMs);
      const tookMs = Math.max(1, clock.monotonic() - startedMs);
      size = Math.round(Math.min(rowsMax, size * 2, Math.max(rowsMin, (size * wantedMs) / tookMs)));
      span = spanFor(size, { span, rows: next.rows });
      after = next.upTo;
      total += next.rows;
      onRows(next.rows);
    } catch (error) {
      if (!isTooSlow(error) || size <= rowsMin) throw error;
      size = Math.max(rowsMin, Math.floor(size / 4));
      span = span / 4n + 1n;
    }
  }
  return total;
}

type LookAt = (window: Window, timeoutMs: number) => Promise<void>;

const spanGrowthMax = 16;

/** How many ids a window of `size` rows spans, where the window before had so many rows: ids may have gaps. */
export function spanFor(size: number, { span, rows }: { readonly span: bigint; readonly rows: number }): bigint {
  const factor = Math.min(spanGrowthMax, size / Math.max(1, rows));
  return BigInt(Math.max(1, Math.round(Number(span) * factor)));
}

interface From {
  readonly after: bigint;
  readonly last: bigint;
  readonly size: number;
  readonly span: bigint;
}

function boundIn(mysql: ReadOnlyMysql, { table, id, only }: Walk) {
  const [from, column] = [quote(table), quote(id)];
  const between = `${column} > ? AND ${column} <= ?`;
  const one = async (sql: string, params: readonly SqlValue[]) => (await mysql.longQuery(sql, params, boundRow))[0];
  const end = async (): Promise<bigint | null> => {
    const sql = `SELECT MAX(${column}) AS up_to, 0 AS counted FROM ${from} WHERE TRUE ${only.sql}`;
    return (await one(sql, only.params))?.up_to ?? null;
  };
  /** The whole table: by a range of ids. To find the n-th row from here, MySQL may go through another, narrower index whole. */
  const bySpan = async ({ after, last, span }: From): Promise<Window | undefined> => {
    const first = await one(`SELECT MIN(${column}) AS up_to, 0 AS counted FROM ${from} WHERE ${between}`, [
      after,
      last,
    ]);
    if (first === undefined || first.up_to === null) return undefined;
    const upTo = first.up_to + span - 1n < last ? first.up_to + span - 1n : last;
    const window = { after: first.up_to - 1n, upTo };
    const rows = await one(`SELECT NULL AS up_to, COUNT(*) AS counted FROM ${from} WHERE ${between}`, [
      window.after,
      upTo,
    ]);
    return { ...window, rows: rows?.counted ?? 0 };
  };
  /** Few rows, found by another index: so many of them. */
  const byRows = async ({ after, last, size }: From): Promise<Window | undefined> => {
    const some = `SELECT ${column} AS id FROM ${from} WHERE ${between} ${only.sql} ORDER BY ${column} LIMIT ${size}`;
    const params = [after, last, ...only.params];
    const next = await one(`SELECT MAX(id) AS up_to, COUNT(*) AS counted FROM (${some}) bound`, params);
    if (next === undefined || next.up_to === null) return undefined;
    return { after, upTo: next.up_to, rows: next.counted };
  };
  return { end, bySpan, byRows };
}

/** Max execution time: the window was too wide for a cold or busy server. */
const isTooSlow = (error: unknown): boolean => error instanceof EngineError && error.code === 3024;
