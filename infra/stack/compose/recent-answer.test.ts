import { expect, test } from 'vitest';
import { virtualClock } from '../../testing/virtual-clock.ts';
import { recentAnswer } from './recent-answer.ts';

function counting(fails = false) {
  const clock = virtualClock(0);
  const waiting: (() => void)[] = [];
  let asked = 0;
  const recent = recentAnswer(
    () => {
      const number = ++asked;
      return new Promise<number>((resolve, reject) => {
        waiting.push(() => (fails ? reject(new Error('no daemon')) : resolve(number)));
      });
    },
    { freshMs: 2_000, clock },
  );
  return { clock, recent, answer: () => waiting.shift()?.(), asked: () => asked };
}

test('is never asked for twice at once, and is kept for its time from when it came', async () => {
  const { clock, recent, answer, asked } = counting();
  const both = Promise.all([recent.get(), recent.get()]);
  await clock.sleep(60_000);
  const third = recent.get();
  answer();
  expect([await both, await third]).toEqual([[1, 1], 1]);
  await clock.sleep(1_999);
  expect(await recent.get()).toBe(1);
  await clock.sleep(1);
  const later = recent.get();
  answer();
  expect([await later, asked()]).toEqual([2, 2]);
});

test('asked for before a change is not the answer after it', async () => {
  const { recent, answer } = counting();
  const before = recent.get();
  recent.forget();
  const after = recent.get();
  answer();
  answer();
  expect([await before, await after]).toEqual([1, 2]);
  expect(await recent.get()).toBe(2);
});

test('a failure is not kept', async () => {
  const { recent, answer, asked } = counting(true);
  const failing = recent.get();
  answer();
  await expect(failing).rejects.toThrow('no daemon');
  const again = recent.get();
  answer();
  await expect(again).rejects.toThrow('no daemon');
  expect(asked()).toBe(2);
});
