import { expect, test } from 'vitest';
import { known, unknownPart } from '../reading.ts';
import { type PipelineFreshness, percentiles, pipelineFreshness, type Timed } from './freshness.ts';

const timed = (p99Ms: number): Timed => ({ samples: 500, p50Ms: p99Ms / 2, p99Ms, maxMs: p99Ms * 2 });
const busy: PipelineFreshness = {
  windowMs: 30_000,
  commitToSent: known(timed(80)),
  commitToApplied: known(timed(400)),
  commitToCache: known({ p50Ms: 40, p99Ms: 300 }),
  oldestUnapplied: known({ ageMs: 600, exact: true, dedupKey: 'tx:1' }),
  position: { upToId: 10n, fromStart: true },
};
const idle: PipelineFreshness = {
  ...busy,
  commitToSent: known({ samples: 0 }),
  commitToApplied: known({ samples: 0 }),
  commitToCache: unknownPart('no living invalidator has told it'),
  oldestUnapplied: known(null),
};
const keysOf = (value: PipelineFreshness) =>
  pipelineFreshness.judge(value).map(({ key, severity }) => `${key} ${severity}`);

test('silent on an idle and on a busy pipeline', () => {
  expect(keysOf(idle)).toEqual([]);
  expect(keysOf(busy)).toEqual([]);
});

test('one event that is not applied is found by its key, and worse with time', () => {
  const stuck = (ageMs: number) => known({ ageMs, exact: true, dedupKey: 'tx:lost' });
  const [finding] = pipelineFreshness.judge({ ...busy, oldestUnapplied: stuck(11_000) });
  expect(finding).toMatchObject({ key: 'freshness.unapplied', severity: 'warning' });
  expect(finding?.text.en).toContain('tx:lost');
  expect(keysOf({ ...idle, oldestUnapplied: stuck(61_000) })).toEqual(['freshness.unapplied critical']);
});

test('slow stages are found one by one', () => {
  expect(keysOf({ ...busy, commitToSent: known(timed(6_000)), commitToApplied: known(timed(7_000)) })).toEqual([
    'freshness.sent warning',
    'freshness.applied warning',
  ]);
});

test('percentiles are values that occurred, by nearest rank', () => {
  const samples = Array.from({ length: 100 }, (_, index) => BigInt((index + 1) * 1_000)).reverse();
  expect(percentiles(samples)).toEqual(known({ samples: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 }));
  expect(percentiles([1_500n])).toEqual(known({ samples: 1, p50Ms: 1.5, p99Ms: 1.5, maxMs: 1.5 }));
});

test('no event: no percentile; a negative one: a moved clock', () => {
  expect(percentiles([])).toEqual(known({ samples: 0 }));
  expect(percentiles([5n, -1n])).toEqual(unknownPart('clock skew'));
});

test('an idle pipeline gives no stage numbers', () => {
  expect(pipelineFreshness.numbers?.(idle)).toEqual({ oldestUnappliedMs: 0 });
  expect(pipelineFreshness.numbers?.(busy)).toEqual({
    sentP99Ms: 80,
    appliedP99Ms: 400,
    cacheP99Ms: 300,
    oldestUnappliedMs: 600,
  });
});
