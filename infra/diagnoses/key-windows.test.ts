import { expect, test } from 'vitest';
import type { ReadOnlyMysql } from '../mysql/read-only.ts';
import { keyWindows, nextSize } from './key-windows.ts';

/** A table of keys, each so many times; it finds the last row of a window as MySQL does. */
function tableOf(keys: readonly string[]): ReadOnlyMysql {
  const longQuery = async (sql: string, params: readonly unknown[]) => {
    const after = sql.includes('> ?') ? String(params.at(-1)) : '';
    const rows = keys.filter((key) => key > after);
    const row = rows[Number(/OFFSET (\d+)/.exec(sql)?.[1])];
    return row === undefined ? [] : [{ last_key: row }];
  };
  return { longQuery } as unknown as ReadOnlyMysql;
}

const key = (n: number): string => `k${String(n).padStart(8, '0')}`;

test('each key is in exactly one window, with all its copies', async () => {
  // Copies stand where a window of 20,000 rows ends, and once more where the last one does.
  const keys = Array.from({ length: 70_000 }, (_, n) => key(n)).flatMap((one, n) =>
    n === 19_998 || n === 69_999 ? [one, one, one, one] : [one],
  );
  const seen: string[] = [];
  let windows = 0;
  for await (const { where, params } of keyWindows(tableOf(keys), { table: 't', key: 'k' })) {
    const bounds = params.map(String);
    const after = where.includes('> ?') ? (bounds[0] ?? '') : '';
    const upTo = where.includes('<= ?') ? (bounds.at(-1) ?? '') : '~';
    seen.push(...keys.filter((one) => one > after && one <= upTo));
    windows += 1;
  }
  expect(windows).toBeGreaterThan(2);
  expect(seen).toEqual(keys);
});

test('columns before the key are held at their value', async () => {
  const table = { table: 't', key: 'k', fixed: { consumer: 'c' } };
  const windows = await Array.fromAsync(keyWindows(tableOf([key(1)]), table));
  expect(windows).toEqual([{ where: '`consumer` = ? AND `k` IS NOT NULL', params: ['c'] }]);
});

test('a window grows slowly, shrinks at once, and keeps its bounds', () => {
  expect(nextSize(20_000, 10)).toBe(30_000);
  expect(nextSize(100_000, 2_000)).toBe(20_000);
  expect(nextSize(100_000, 1)).toBe(100_000);
  expect(nextSize(20_000, 60_000)).toBe(10_000);
});
