import { expect, test } from 'vitest';
import type { Clock } from '../../infra/clock.ts';
import { type Restlessness, settle } from './settle.ts';

/** Time passes only when somebody sleeps. */
function steppingClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    async sleep(ms) {
      now += ms;
    },
    every: () => () => {},
    after: () => () => {},
  };
}

const rest: Restlessness = { pending: 0, projectorLag: 0, invalidatorLag: 0, cached: 10 };

function settling(states: readonly Restlessness[], cachedWanted = 10) {
  const seen: Restlessness[] = [];
  let index = 0;
  const clock = steppingClock();
  const settled = settle(async () => states[Math.min(index++, states.length - 1)] ?? rest, {
    cachedWanted,
    signal: new AbortController().signal,
    clock,
    onProgress: (state) => void seen.push(state),
  });
  return { settled, seen, clock };
}

test('waits until outbox and both groups are at rest and the cache is filled', async () => {
  const { settled, seen } = settling([
    { ...rest, pending: 5 },
    { ...rest, projectorLag: 3 },
    { ...rest, cached: 2 },
    rest,
  ]);
  expect(await settled).toBe(true);
  expect(seen).toHaveLength(4);
});

test('gives up when nothing moves any more, and says that it did not settle', async () => {
  const { settled, clock } = settling([{ ...rest, invalidatorLag: 1 }]);
  expect(await settled).toBe(false);
  expect(clock.monotonic()).toBeLessThan(10_000);
});

test('a cache that stays cold is the witness business: the pipeline has settled', async () => {
  expect(await settling([{ ...rest, cached: 0 }]).settled).toBe(true);
});

test('an interruption ends the waiting', async () => {
  const signal = AbortSignal.abort();
  await expect(settle(async () => rest, { cachedWanted: 0, signal, onProgress() {} })).rejects.toThrow('interrupted');
});
