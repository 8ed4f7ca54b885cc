import { describe, expect, test } from 'vitest';
import type { PipelineFreshness } from '../../../../infra/probes/pipeline/freshness.ts';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { plantedFreshness } from '../../testing/planted.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { freshnessRows, freshnessSummary } from './rows.ts';

const rowsOf = (change: Partial<PipelineFreshness>, context = rowsContext()) =>
  texts(freshnessRows({ ...plantedFreshness(), ...change }, context));

test('the oldest unapplied first, then each stage with a bar', () => {
  const rows = rowsOf({});
  expect(rows[0]).toMatch(/^oldest unapplied +0\.3 s$/);
  expect(rows[2]).toMatch(/^commit→sent +12 ms +41 ms +█+/);
  expect(rows.at(-1)).toBe('400 events of the last 60 s');
});

describe('what is not known is not made up', () => {
  test('a stage that nobody can measure shows its reason', () => {
    expect(rowsOf({ commitToCache: unknownPart('no invalidator runs') })[4]).toMatch(
      /^commit→cache +\? +\? +no invalidator runs$/,
    );
  });
  test('a quiet pipeline has no percentiles', () => {
    const rows = rowsOf({ commitToApplied: known({ samples: 0 }) });
    expect(rows[3]).toMatch(/^commit→applied +- +- +no events passed$/);
  });
  test('an age that may be older says at least', () => {
    const oldest = known({ ageMs: 14_000, exact: false, dedupKey: 'tx:1' });
    expect(rowsOf({ oldestUnapplied: oldest })[0]).toMatch(/at least 14 s$/);
    expect(rowsOf({ oldestUnapplied: oldest }, rowsContext({ language: 'ko' }))[0]).toMatch(/14초 이상$/);
  });
  test('nothing unapplied is not 0 s old', () => {
    expect(rowsOf({ oldestUnapplied: known(null) })[0]).toMatch(/all applied$/);
  });
});

test('rows to spare hold a chart of the trend, and only with a trend', () => {
  const trend = () => Array.from({ length: 60 }, (_, index) => index * 10);
  const rows = rowsOf({}, rowsContext({ height: 16, trend }));
  expect(rows).toHaveLength(16);
  expect(rows[8]).toMatch(/^590 ms .*[⠀-⣿]/u);
  expect(rowsOf({}, rowsContext({ height: 16 }))).toHaveLength(6);
});

test('a panel with few rows drops the heading before anything else', () => {
  expect(rowsOf({}, rowsContext({ height: 3 }))[1]).toMatch(/^commit→sent/);
});

test('in one line', () => {
  expect(texts([freshnessSummary(plantedFreshness(14_200), rowsContext({ language: 'ko' }))])).toEqual([
    '가장 오래된 미반영 14초  커밋→반영 p99 96ms',
  ]);
});
