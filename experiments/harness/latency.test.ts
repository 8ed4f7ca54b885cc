import { expect, test } from 'vitest';
import { historyOf } from './history.ts';
import { latenciesOf, quantilesOf } from './latency.ts';

test('quantiles are values that occurred, by nearest rank', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantilesOf(samples)).toEqual({ samples: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  expect(quantilesOf([7])).toEqual({ samples: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  expect(quantilesOf([])).toBeUndefined();
});

const lines = (...entries: object[]) => entries.map((entry) => ({ worker: 'w', text: JSON.stringify(entry) }));
const committed = [
  { kind: 'invoke', txId: 't', from: '1', to: '2', amount: '5', at: 90 },
  { kind: 'ok', txId: 't', at: 100 },
];
const stages = (at: number) =>
  ['sent', 'applied', 'invalidated'].flatMap((kind) => ['t:1', 't:2'].map((dedupKey) => ({ kind, dedupKey, at })));

test('each stage is measured from the commit, for both legs', () => {
  const latencies = latenciesOf(historyOf(lines(...committed, ...stages(130))));
  expect(latencies?.commitToApplied).toEqual({ samples: 2, p50: 30, p95: 30, p99: 30, max: 30 });
});

test('a relay faster than the answer to COMMIT took no time, never less', () => {
  const latencies = latenciesOf(historyOf(lines(...committed, ...stages(98))));
  expect(latencies?.commitToSent).toMatchObject({ samples: 2, max: 0 });
});

test('without traces there is no latency, not one of 0', () => {
  expect(latenciesOf(historyOf(lines(...committed)))).toBeUndefined();
});
