import { expect, test } from 'vitest';
import { slotOf } from '../../infra/redis/slot.ts';
import { createKeyCounter } from './key-counter.ts';

function counter(random?: () => number) {
  const clock = { now: 0 };
  return { keys: createKeyCounter(() => clock.now, random), clock };
}

test('few keys are counted exactly, with their slots', () => {
  const { keys, clock } = counter();
  expect(keys.snapshot()).toBeUndefined();
  for (let n = 0; n < 100; n++) keys.count(n % 10 < 3 ? 'balance:{hot}' : `balance:${n}`);
  clock.now = 2_000;
  expect(keys.snapshot()).toMatchObject({ windowMs: 2_000, total: 100, distinct: 71 });
  expect(keys.snapshot()?.keys[0]).toEqual(['balance:{hot}', 30]);
  expect(keys.snapshot()?.slots[0]).toEqual([slotOf('balance:{hot}'), 30]);
});

test('many are sampled: the share of the hottest stays about right, its slot exact', () => {
  const { keys } = counter();
  const calls = 60_000;
  for (let n = 0; n < calls; n++) keys.count(n % 10 < 3 ? 'hot' : `k${n % 4_000}`);
  const { total, keys: top = [], slots = [] } = keys.snapshot() ?? {};
  expect(total).toBe(calls);
  expect((top[0]?.[1] ?? 0) / calls).toBeCloseTo(0.3, 1);
  expect(top[0]?.[0]).toBe('hot');
  expect(slots[0]?.[1]).toBeGreaterThanOrEqual(calls * 0.3);
  expect(top).toHaveLength(10);
});

test('a key read in turns with fifteen others is not overlooked', () => {
  const { keys } = counter();
  for (let n = 0; n < 64_000; n++) keys.count(`k${n % 16}`);
  const counts = keys.snapshot()?.keys.map(([, count]) => count) ?? [];
  expect(Math.max(...counts)).toBeLessThan(64_000 / 10);
});

test('what was asked for long ago is forgotten', () => {
  const { keys, clock } = counter();
  keys.count('old');
  clock.now = 6_000;
  keys.count('new');
  expect(
    keys
      .snapshot()
      ?.keys.map(([key]) => key)
      .sort(),
  ).toEqual(['new', 'old']);
  clock.now = 11_500;
  expect(keys.snapshot()?.keys).toEqual([['new', 1]]);
  clock.now = 40_000;
  expect(keys.snapshot()).toBeUndefined();
});
