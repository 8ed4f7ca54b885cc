import { describe, expect, test } from 'vitest';
import { type Ask, inSight, stack } from './layout.ts';

const ask = (id: string, lines: number, more: Partial<Ask> = {}): Ask => ({
  id,
  lines,
  grows: false,
  urgent: false,
  ...more,
});
const heights = (asks: readonly Ask[], rows: number, focusedId = '') =>
  Object.fromEntries(stack(asks, rows, focusedId).map(({ id, height }) => [id, height]));

describe('with rows to spare', () => {
  test('the growing panel takes them', () => {
    expect(heights([ask('engines', 7), ask('freshness', 6, { grows: true })], 30)).toEqual({
      engines: 9,
      freshness: 21,
    });
  });
  test('else the last one', () => {
    expect(heights([ask('engines', 7), ask('workers', 5)], 20)).toEqual({ engines: 9, workers: 11 });
  });
});

describe('with too few rows', () => {
  test('calm panels give way before urgent ones', () => {
    const asks = [ask('freshness', 6), ask('lag', 5, { urgent: true }), ask('outbox', 4)];
    expect(heights(asks, 16)).toEqual({ freshness: 5, lag: 7, outbox: 4 });
  });
  test('then panels fold, the focused one last', () => {
    const asks = ['a', 'b', 'c', 'd'].map((id) => ask(id, 6));
    expect(heights(asks, 8, 'c')).toEqual({ a: 1, b: 1, c: 5, d: 1 });
  });
});

test.each([9, 14, 20, 41])('a column of five panels fills its %i rows exactly', (rows) => {
  const asks = [3, 9, 2, 6, 1].map((lines, index) => ask(String(index), lines, { grows: index === 1 }));
  const total = stack(asks, rows, '3').reduce((sum, { height }) => sum + height, 0);
  expect(total).toBe(rows);
});

test('what the target has nothing for is folded, unless it has the focus', () => {
  const asks = [ask('lag', 6), ask('redis', 1, { lacking: true }), ask('hot-keys', 1, { lacking: true })];
  expect(heights(asks, 20)).toEqual({ lag: 18, redis: 1, 'hot-keys': 1 });
  expect(heights(asks, 20, 'redis')).toEqual({ lag: 8, redis: 11, 'hot-keys': 1 });
});

describe('more panels than rows', () => {
  const ids = Array.from({ length: 12 }, (_, index) => String(index));
  test.each([
    ['all, when they fit folded and the focused one open', 15, '4', { from: 0, to: 12 }],
    ['else those around the focused one', 11, '6', { from: 3, to: 9 }],
    ['from the first', 11, '0', { from: 0, to: 6 }],
    ['to the last', 11, '11', { from: 6, to: 12 }],
    ['none has the focus', 5, '', { from: 0, to: 3 }],
  ])('%s', (_, rows, focused, seen) => {
    expect(inSight(ids, rows, focused)).toEqual(seen);
  });
});
