import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { Pace, rpcsPerBrokerMax } from './pace.ts';

const turn = () => systemClock.sleep(0);

test('where nobody ticks nothing waits', () => {
  const pace = new Pace();
  pace.patiently(async () => {
    for (let asked = 0; asked < 20; asked++) expect(pace.admitted('a:1')).toBeUndefined();
  });
  expect(pace.hasRoom()).toBe(true);
});

test('the seldom reads take what the reads of every tick leave, in their order, and lose nothing', async () => {
  const pace = new Pace();
  const order: number[] = [];
  pace.begin();
  expect(pace.hasRoom()).toBe(true);
  pace.begin();
  const urgent = 7;
  const ask = async (number: number): Promise<void> => {
    await pace.admitted('a:1');
    pace.sent('a:1');
    order.push(number);
  };
  for (let asked = 0; asked < urgent; asked++) {
    expect(pace.admitted('a:1')).toBeUndefined();
    pace.sent('a:1');
  }
  const reads = [1, 2, 3, 4, 5].map((number) => pace.patiently(() => ask(number)));
  await turn();
  expect(order).toEqual([1, 2]);
  expect(pace.hasRoom()).toBe(false);
  pace.begin();
  await turn();
  // The next tick is expected to need as many for itself.
  expect(order).toEqual([1, 2, 3, 4]);
  pace.end();
  await Promise.all(reads);
  expect(order).toEqual([1, 2, 3, 4, 5]);
  expect(pace.most()).toBe(rpcsPerBrokerMax);
});

test('what is not needed now is left out where there is no room', async () => {
  const pace = new Pace();
  pace.begin();
  pace.begin();
  for (let asked = 0; asked < 6; asked++) pace.admitted('a:1');
  await pace.optionally(async () => {
    for (let asked = 0; asked < 3; asked++) {
      expect(pace.hasRoom()).toBe(true);
      expect(pace.admitted('a:1')).toBeUndefined();
    }
  });
  expect(pace.hasRoom()).toBe(false);
});
