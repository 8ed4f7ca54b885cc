import { expect, test } from 'vitest';
import { probesById } from '../../../../infra/probes/index.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedCache } from '../../testing/planted-redis.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { textOf, widthOf } from '../../ui/line.ts';
import { cache } from './cache.ts';
import { cacheRows, cacheSummary } from './rows.ts';

const narrow = rowsContext({ width: 76, height: 0 });

const frame = (language: 'ko' | 'en', width: number) =>
  `\n${texts(cacheRows(plantedCache(), rowsContext({ width, height: 40, language }))).join('\n')}\n`;

test('a frame of 76 cells, in English', () => {
  expect(frame('en', 76)).toMatchInlineSnapshot(`
    "
    checked 150  fresh 120  invalidated 20  absent 7  stale 1  undecodable 1
    on its way 1
    TTL min/median/max 900 ms / 31 s / 66 s  run out within one second: 6 of 122
      key           verdict      cache                            db seq:balance
    ✗ balance:1204  stale        E:3:300                          5:500
    ✗ balance:8     undecodable  five hundred                     5:500
    ○ balance:7     on its way   E:3:300                          5:500
    "
  `);
});

test('a frame of 76 cells, in Korean', () => {
  expect(frame('ko', 76)).toMatchInlineSnapshot(`
    "
    확인 150  최신 120  무효화됨 20  없음 7  옛 값 1  해독 불가 1  무효화 중 1
    TTL 최소/중앙/최대 900ms / 31초 / 66초  1초 안에 함께 만료: 122개 중 6개
      키            판정       캐시           DB seq:잔액  무효화
    ✗ balance:1204  옛 값      E:3:300        5:500        consumed p2@812 < 900
    ✗ balance:8     해독 불가  five hundred   5:500        -
    ○ balance:7     무효화 중  E:3:300        5:500        pending
    "
  `);
});

test('a frame of 156 cells', () => {
  expect(frame('en', 156)).toMatchInlineSnapshot(`
    "
    checked 150  fresh 120  invalidated 20  absent 7  stale 1  undecodable 1  on its way 1
    TTL min/median/max 900 ms / 31 s / 66 s  run out within one second: 6 of 122
      key           verdict      cache                                                                db seq:balance  invalidation           TTL left  event
    ✗ balance:1204  stale        E:3:300                                                              5:500           consumed p2@812 < 900      24 s  tx-9:1204
    ✗ balance:8     undecodable  five hundred                                                         5:500           -                          24 s
    ○ balance:7     on its way   E:3:300                                                              5:500           pending                    24 s  tx-1:7
    "
  `);
});

test('control sequences are not drawn, and no line is wider than it may be', () => {
  for (const width of [40, 60, 76, 104, 156]) {
    for (const line of cacheRows(plantedCache(), rowsContext({ width, trend: () => [0, 1, 2, 3, 4, 5] }))) {
      expect(textOf(line)).not.toContain('\u001b');
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('in one line', () => {
  expect(texts([cacheSummary(plantedCache(), narrow)])).toMatchInlineSnapshot(`
    [
      "checked 150 · stale 1 · undecodable 1",
    ]
  `);
});

test('ok, finding, not mapped, unknown', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return cache.view(store.getSnapshot(), {
      width: 76,
      height: 20,
      scrolls: false,
      language: 'en',
      nowMs: plantedAtMs,
    });
  };
  const value = plantedCache();
  const finding = { key: 'x', severity: 'warning', text: { ko: '', en: '' } } as const;
  expect(viewOf(read('cache.staleness', value, plantedAtMs)).state).toBe('ok');
  const findings = [...probesById['cache.staleness'].judge(value), finding];
  expect(viewOf(read('cache.staleness', value, plantedAtMs, { findings })).state).toBe('finding');
  expect(viewOf(unread('cache.staleness', { reason: 'not mapped', sinceMs: plantedAtMs })).state).toBe('not-mapped');
  const last = { value, takenAtMs: plantedAtMs - 9_000 };
  const unknown = viewOf(unread('cache.staleness', { reason: 'no answer', sinceMs: plantedAtMs, last }));
  expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
});
