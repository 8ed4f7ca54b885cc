import { expect, test } from 'vitest';
import type { HitSample } from './hit-ratio.ts';
import { judgeCacheHitRatio } from './stampede.ts';
import { runOutTogether, ttlSpread } from './ttl.ts';

const calm: HitSample = { atMs: 0, ratio: 0.95, reads: 400, loads: 20, questions: 900 };
const times = (count: number, change: Partial<HitSample> = {}) =>
  Array.from({ length: count }, () => ({ ...calm, ...change }));
const keys = (history: readonly HitSample[], last: HitSample) =>
  judgeCacheHitRatio(history, last).map(({ key }) => key);

test('a ratio that falls while loads rise is a stampede; one of the two alone is not', () => {
  const storm = { ratio: 0.3, loads: 280 };
  expect(keys([...times(30), ...times(2, storm)], { ...calm, ...storm })).toEqual(['cache.stampede']);
  const cold = { ratio: 0.3, loads: 25 };
  expect(keys([...times(30), ...times(2, cold)], { ...calm, ...cold })).toEqual([]);
  const busy = { ratio: 0.94, reads: 4_000, loads: 240 };
  expect(keys([...times(30), ...times(2, busy)], { ...calm, ...busy })).toEqual([]);
});

test('without counting readers the statements of the database stand for loads', () => {
  const blind = { loads: undefined, questions: 200 };
  const storm = { ratio: 0.2, loads: undefined, questions: 900 };
  expect(keys([...times(30, blind), ...times(2, storm)], { ...calm, ...storm })).toEqual(['cache.stampede']);
});

test('a beginning, a handful of reads and unknown readings are no baseline', () => {
  const storm = { ratio: 0.1, loads: 500 };
  expect(keys([...times(5), ...times(2, storm)], { ...calm, ...storm })).toEqual([]);
  expect(keys([...times(30, { reads: 3 }), ...times(2, storm)], { ...calm, ...storm })).toEqual([]);
  expect(keys([...times(30, { ratio: undefined }), ...times(2, storm)], { ...calm, ...storm })).toEqual([]);
});

test('how TTLs are spread', () => {
  expect(ttlSpread([])).toBeUndefined();
  const even = ttlSpread(Array.from({ length: 100 }, (_, n) => 20_000 + n * 200));
  expect(even).toMatchObject({
    entries: 100,
    minMs: 20_000,
    medianMs: 30_000,
    maxMs: 39_800,
    together: { entries: 6 },
  });
  expect(even && runOutTogether(even)).toBe(false);
  const together = ttlSpread([
    ...Array.from({ length: 40 }, (_, n) => 30_000 + n),
    ...Array.from({ length: 20 }, (_, n) => n * 900),
  ]);
  expect(together).toMatchObject({ together: { entries: 40, inMs: 30_000 } });
  expect(together && runOutTogether(together)).toBe(true);
  const few = ttlSpread(Array.from({ length: 10 }, () => 30_000));
  expect(few && runOutTogether(few)).toBe(false);
  const short = ttlSpread(Array.from({ length: 100 }, () => 4_000));
  expect(short && runOutTogether(short)).toBe(false);
});
