import { expect, test } from 'vitest';
import { known, unknownPart } from '../reading.ts';
import { type Progress, progressAfter, ratePerSecond, stillMs, waitedMs } from './group-progress.ts';

/** Readings a second apart of a group and its topic: `[committed, highWatermark]`. */
function follow(readings: readonly (readonly [number, number])[]) {
  let progress: Progress | undefined;
  return readings.map(([committed, highWatermark], second) => {
    const nowMs = second * 1_000;
    progress = progressAfter(progress, { committed: BigInt(committed), highWatermark: BigInt(highWatermark) }, nowMs);
    return { waited: waitedMs(progress, nowMs), still: stillMs(progress, nowMs) };
  });
}

test('a busy group that keeps up is never more than a reading behind, however much is in flight', () => {
  const busy = Array.from({ length: 60 }, (_, second) => [second * 5_000, second * 5_000 + 900] as const);
  for (const { waited, still } of follow(busy)) {
    expect(waited).toBeLessThanOrEqual(1_000);
    expect(still).toBe(0);
  }
});

test('a group that works, but 8 seconds behind, has waited about so long, without a break between marks', () => {
  const slow = Array.from({ length: 60 }, (_, second) => [Math.max(0, (second - 8) * 100), second * 100] as const);
  const late = follow(slow).slice(20);
  for (const { waited } of late) expect(waited).toBeGreaterThanOrEqual(7_000);
  for (const { waited } of late) expect(waited).toBeLessThanOrEqual(9_000);
});

test('a partition that stands still grows older with each reading', () => {
  const readings = follow([
    [10, 10],
    [10, 11],
    [10, 15],
    [10, 20],
  ]);
  expect(readings.map(({ still }) => still)).toEqual([0, 0, 1_000, 2_000]);
  expect(readings.map(({ waited }) => waited)).toEqual([0, 0, 1_000, 2_000]);
});

test('caught up: nothing is remembered', () => {
  expect(
    follow([
      [0, 5],
      [0, 5],
      [5, 5],
    ]).at(-1),
  ).toEqual({ waited: 0, still: 0 });
});

test('offsets reset by hand begin anew', () => {
  const readings = follow([
    [50, 100],
    [60, 100],
    [0, 100],
  ]);
  expect(readings.at(-1)).toEqual({ waited: 0, still: 0 });
});

test('rates leave out what is unknown in either reading, and what went back', () => {
  const pairs = [
    { before: known(0n), now: known(30n) },
    { before: known(0n), now: unknownPart<bigint>('no leader') },
    { before: unknownPart<bigint>('no leader'), now: known(1_000n) },
    { before: known(500n), now: known(0n) },
  ];
  expect(ratePerSecond(pairs, 2_000)).toBe(15);
});
