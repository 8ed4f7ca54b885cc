import { expect, test } from 'vitest';
import { probesById } from '../../../../infra/probes/index.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedHitRatio } from '../../testing/planted-redis.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { textOf, widthOf } from '../../ui/line.ts';
import { hitRatio } from './hit-ratio.ts';
import { hitRatioRows, hitRatioSummary } from './rows.ts';

const narrow = rowsContext({ width: 76, height: 0 });

const frame = (language: 'ko' | 'en', width: number) =>
  `\n${texts(hitRatioRows(plantedHitRatio(), rowsContext({ width, height: 40, language }))).join('\n')}\n`;

test('a frame of 76 cells, in English', () => {
  expect(frame('en', 76)).toMatchInlineSnapshot(`
    "
    readers  90.0 %  hits 180/s  misses 20/s  loads 20/s
    Redis  87.2 %  hits 410/s  misses 60/s  evicted 0/s  expired 2.4/s
    MySQL  statements 912/s  selects 240/s
    "
  `);
});

test('a frame of 76 cells, in Korean', () => {
  expect(frame('ko', 76)).toMatchInlineSnapshot(`
    "
    조회 워커  90.0 %  적중 180/s  미스 20/s  DB 조회 20/s
    Redis  87.2 %  적중 410/s  미스 60/s  축출 0/s  만료 2.4/s
    MySQL  문장 912/s  SELECT 240/s
    "
  `);
});

test('a frame of 156 cells', () => {
  expect(frame('en', 156)).toMatchInlineSnapshot(`
    "
    readers  90.0 %  hits 180/s  misses 20/s  loads 20/s
    Redis  87.2 %  hits 410/s  misses 60/s  evicted 0/s  expired 2.4/s
    MySQL  statements 912/s  selects 240/s
    "
  `);
});

test('control sequences are not drawn, and no line is wider than it may be', () => {
  for (const width of [40, 60, 76, 104, 156]) {
    for (const line of hitRatioRows(plantedHitRatio(), rowsContext({ width, trend: () => [0, 1, 2, 3, 4, 5] }))) {
      expect(textOf(line)).not.toContain('\u001b');
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('in one line', () => {
  expect(texts([hitRatioSummary(plantedHitRatio(), narrow)])).toMatchInlineSnapshot(`
    [
      "hits 90.0 %",
    ]
  `);
});

test('ok, finding, not mapped, unknown', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return hitRatio.view(store.getSnapshot(), {
      width: 76,
      height: 20,
      scrolls: false,
      language: 'en',
      nowMs: plantedAtMs,
    });
  };
  const value = plantedHitRatio();
  const finding = { key: 'x', severity: 'warning', text: { ko: '', en: '' } } as const;
  expect(viewOf(read('cache.hit-ratio', value, plantedAtMs)).state).toBe('ok');
  const findings = [...probesById['cache.hit-ratio'].judge(value), finding];
  expect(viewOf(read('cache.hit-ratio', value, plantedAtMs, { findings })).state).toBe('finding');
  expect(viewOf(unread('cache.hit-ratio', { reason: 'not mapped', sinceMs: plantedAtMs })).state).toBe('not-mapped');
  const last = { value, takenAtMs: plantedAtMs - 9_000 };
  const unknown = viewOf(unread('cache.hit-ratio', { reason: 'no answer', sinceMs: plantedAtMs, last }));
  expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
});
