import { expect, test } from 'vitest';
import type { Clock } from '../../infra/clock.ts';
import { virtualClock } from '../../infra/testing/virtual-clock.ts';
import { createCounters } from './counters.ts';
import { openHandlerTimes } from './handler-times.ts';

test('the last minute’s chunks: their times, their sizes; what is older is forgotten', async () => {
  let tick = (): unknown => undefined;
  const passing = virtualClock(0);
  const clock: Clock = {
    ...passing,
    every: (_, work) => {
      tick = work;
      return () => {};
    },
  };
  const pass = async (ms: number) => {
    await passing.sleep(ms);
    tick();
  };
  const counters = createCounters();
  const times = openHandlerTimes(counters, clock);
  times.handled(500, 9_000);
  await pass(50_000);
  for (let chunk = 1; chunk <= 100; chunk++) times.handled(10, chunk);
  await pass(1_000);
  expect(counters.snapshot()).toMatchObject({ handlerMsMax: 9_000, batchRecordsMax: 500, batchRecordsP50: 10 });
  await pass(15_000);
  expect(counters.snapshot()).toEqual({
    handlerMsP50: 50,
    handlerMsP99: 99,
    handlerMsMax: 100,
    batchRecordsP50: 10,
    batchRecordsMax: 10,
  });
  times.stop();
});
