import { describe, expect, test } from 'vitest';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedDlq, plantedDlqOfTwenty } from '../../testing/planted-dlq.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { widthOf } from '../../ui/line.ts';
import { dlq } from './dlq.ts';
import { dlqRows, dlqSummary } from './rows.ts';

const narrow = rowsContext({ width: 76, height: 0 });
const wide = rowsContext({ width: 156, height: 40 });

describe('twenty kinds', () => {
  test('in 80 columns: what, how many, how fast, since when', () => {
    const rows = texts(dlqRows(plantedDlqOfTwenty(), narrow));
    expect(rows[0]).toMatch(/^dead letters {2}4,804 · 48 in the last minute · 2 published twice +0\.8\/s$/);
    expect(rows[1]).toMatch(/^schema [\d,]+ {2}validation [\d,]+ {2}transient .* {2}unknown [\d,]+$/);
    expect(rows[2]).toBe('in retry  retry.1m 17  next in 9 s  1 due  ! 2 overdue by 41 s');
    expect(rows[3]).toBe('          retry.5s 6  next in 1 s  1 due');
    expect(rows[4]).toMatch(/^ {2}class +event type +exception +count +\/min +newest$/);
    expect(rows.slice(5)).toHaveLength(20);
    expect(rows[5]).toMatch(/^! schema +- +DecodeError +1,204 +↑24 +4 s$/);
    expect(rows[24]).toMatch(/^ {2}unknown +BalanceClosed +ER_DATA_OUT_OF_RANGE +2 +- +2 h$/);
  });

  test('in 160 columns the newest message too', () => {
    const rows = texts(dlqRows(plantedDlqOfTwenty(), wide));
    expect(rows[6]).toMatch(/4 s +60 min +cannot be read as Avro: truncated buffer$/);
  });

  test.each([40, 60, 76, 104, 156])('no line is wider than %i', (width) => {
    for (const language of ['ko', 'en'] as const) {
      const lines = dlqRows(plantedDlqOfTwenty(), rowsContext({ width, language, trend: () => [0, 1, 2, 3, 4, 5] }));
      for (const row of lines) expect(widthOf(row)).toBeLessThanOrEqual(width);
    }
  });

  test('a trend of dead letters a second', () => {
    const rows = texts(dlqRows(plantedDlqOfTwenty(), rowsContext({ trend: () => [0, 0, 1, 2] })));
    expect(rows[0]).toMatch(/▁▁▅█ {2}0\.8\/s$/);
  });
});

test('control sequences in what an engine said are not drawn', () => {
  const [group] = plantedDlqOfTwenty().groups;
  if (group === undefined) throw new Error('nothing was planted');
  const groups = [{ ...group, exception: 'Bad\u001b[31m', newestMessage: 'two\nlines \u001b[2J' }];
  const rows = texts(dlqRows(plantedDlqOfTwenty({ groups }), wide));
  expect(rows.at(-1)).toMatch(/Bad .*two lines$/);
});

test('a working ladder without dead letters', () => {
  expect(texts(dlqRows(plantedDlq(), narrow))).toEqual([
    expect.stringMatching(/^dead letters {2}none +0\/s$/),
    'in retry  retry.5s 2  next in 3 s',
  ]);
});

test('unknown parts say so, and at least stays at least', () => {
  const rows = texts(
    dlqRows(
      plantedDlq({
        deadLetters: { rows: 20_000, exact: false },
        ladder: unknownPart('not mapped'),
        unindexed: unknownPart('no broker answers'),
      }),
      narrow,
    ),
  );
  expect(rows).toEqual([
    expect.stringMatching(/^dead letters {2}at least 20,000 +0\/s$/),
    'in retry  ? unknown (not mapped)',
    'not indexed yet  ? unknown (no broker answers)',
  ]);
  const inexact = plantedDlq({ ladder: known({ rungs: [], exact: false }) });
  expect(texts(dlqRows(inexact, narrow))[1]).toBe('in retry  none of the latest 5,000 failures');
  const behind = known({ topic: 'dlq', records: { atLeast: 9n, unknown: 1, parts: 3 }, stillMs: 0, partitions: [] });
  expect(texts(dlqRows(plantedDlq({ unindexed: behind }), narrow)).at(-1)).toBe('not indexed yet  at least 9');
});

describe('designed states', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return dlq.view(store.getSnapshot(), { width: 76, height: 12, scrolls: false, language: 'en', nowMs: plantedAtMs });
  };
  const finding = { key: 'dlq.arriving', severity: 'warning', text: { ko: '새 것', en: 'new ones' } } as const;

  test('empty, ok, finding, not mapped, unknown', () => {
    const nothing = plantedDlq({ ladder: known({ rungs: [], exact: true }) });
    expect(viewOf(read('dlq.groups', nothing, plantedAtMs))).toMatchObject({ state: 'empty', mark: '○' });
    expect(viewOf(read('dlq.groups', plantedDlq(), plantedAtMs))).toMatchObject({ state: 'ok', mark: '✓' });
    expect(viewOf(read('dlq.groups', plantedDlqOfTwenty(), plantedAtMs, { findings: [finding] }))).toMatchObject({
      state: 'finding',
      mark: '!',
    });
    expect(viewOf(unread('dlq.groups', { reason: 'not mapped', sinceMs: plantedAtMs }))).toMatchObject({
      state: 'not-mapped',
    });
    const last = { value: plantedDlqOfTwenty(), takenAtMs: plantedAtMs - 9_000 };
    const unknown = viewOf(unread('dlq.groups', { reason: 'no answer', sinceMs: plantedAtMs, last }));
    expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
    expect(texts(unknown.lines)[2]).toBe('last known value (9 s ago)');
  });
});

test('in one line', () => {
  const summary = texts([dlqSummary(plantedDlqOfTwenty(), narrow)])[0];
  expect(summary).toMatch(/^dead letters 4,804 · 48 in the last minute · in retry 23$/);
  expect(texts([dlqSummary(plantedDlq(), rowsContext({ language: 'ko' }))])).toEqual(['데드 레터 0 · 재시도 중 2']);
});
