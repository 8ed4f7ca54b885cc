import { z } from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { ReadOnlyMysql, SqlValue } from '../mysql/read-only.ts';

/** A piece of a table in the order of an index; all rows of one key are in the same piece. */
export interface KeyWindow {
  /** For a WHERE, with its parameters. */
  readonly where: string;
  readonly params: readonly SqlValue[];
}

export interface WindowedTable {
  readonly table: string;
  /** First column of an index, or the one behind the fixed columns. */
  readonly key: string;
  /** Columns before the key in its index, each held at one value. */
  readonly fixed?: Readonly<Record<string, string>>;
}

const firstRows = 20_000;
/** Fewer would cost more in round trips than they spare the server. */
const rowsMin = 10_000;
const rowsMax = 100_000;
/** For finding a window and for all that is asked about it. */
const goalMs = 400;

/**
 * Goes through a table in windows of neighbouring keys, each so large that it takes about 0.4 s: on a busy server it takes
 * smaller steps. Keys that are NULL are left out. Rows that are written meanwhile may or may not be seen.
 * @throws what MySQL's client throws.
 */
export async function* keyWindows(
  mysql: ReadOnlyMysql,
  table: WindowedTable,
  { signal, clock = systemClock }: { readonly signal?: AbortSignal; readonly clock?: Clock } = {},
): AsyncGenerator<KeyWindow> {
  const fixed = Object.entries(table.fixed ?? {});
  const fixedWhere = fixed.map(([column]) => `${quote(column)} = ? AND `).join('');
  const fixedParams = fixed.map(([, value]) => value);
  const key = quote(table.key);
  let after: string | undefined;
  let rows = firstRows;
  for (;;) {
    const startMs = clock.monotonic();
    const from = `${fixedWhere}${key} ${after === undefined ? 'IS NOT NULL' : '> ?'}`;
    const params = [...fixedParams, ...(after === undefined ? [] : [after])];
    const [last] = await mysql.longQuery(
      `SELECT ${key} AS last_key FROM ${quote(table.table)} WHERE ${from} ORDER BY ${key} LIMIT 1 OFFSET ${rows - 1}`,
      params,
      z.object({ last_key: z.coerce.string() }),
      signal === undefined ? {} : { signal },
    );
    if (last === undefined) {
      yield { where: from, params };
      return;
    }
    yield { where: `${from} AND ${key} <= ?`, params: [...params, last.last_key] };
    after = last.last_key;
    rows = nextSize(rows, clock.monotonic() - startMs);
  }
}

/** Grows by half at most, and shrinks at once. */
export function nextSize(size: number, tookMs: number, bounds = { min: rowsMin, max: rowsMax, goalMs }): number {
  const factor = Math.min(1.5, bounds.goalMs / Math.max(1, tookMs));
  return Math.max(bounds.min, Math.min(bounds.max, Math.round(size * factor)));
}

const estimateRow = z.object({ table_rows: z.coerce.number().nullable() });

/** The server's own estimate, for showing how far the work is; undefined where it has none. */
export async function estimatedRows(mysql: ReadOnlyMysql, table: string): Promise<number | undefined> {
  const [row] = await mysql.query(
    'SELECT TABLE_ROWS AS table_rows FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
    estimateRow,
  );
  return row?.table_rows ?? undefined;
}

/** `?, ?, …` */
export const placeholders = (values: readonly unknown[]): string => values.map(() => '?').join(', ');
