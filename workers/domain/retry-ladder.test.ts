import { expect, test } from 'vitest';
import { ladderOf, rungAfter } from './retry-ladder.ts';

test('attempt by attempt up the ladder, then it is a dead letter', () => {
  const ladder = ladderOf();
  expect([1, 2, 3, 4].map((attempt) => rungAfter(ladder, attempt, true)?.name)).toEqual([
    'retry.5s',
    'retry.1m',
    undefined,
    undefined,
  ]);
  expect(ladder.map(({ delayMs }) => delayMs)).toEqual([5_000, 60_000]);
});

test('what no attempt can help goes to the dead letters at once', () => {
  expect(rungAfter(ladderOf(), 1, false)).toBeUndefined();
});

test('experiments shorten the delays', () => {
  expect(ladderOf({ firstMs: 500, secondMs: 2_000 }).map(({ delayMs }) => delayMs)).toEqual([500, 2_000]);
});
