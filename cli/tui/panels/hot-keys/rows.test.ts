import { expect, test } from 'vitest';
import { probesById } from '../../../../infra/probes/index.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedHotKeys } from '../../testing/planted-redis.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { textOf, widthOf } from '../../ui/line.ts';
import { hotKeys } from './hot-keys.ts';
import { hotKeyRows, hotKeysSummary } from './rows.ts';

const narrow = rowsContext({ width: 76, height: 0 });

const frame = (language: 'ko' | 'en', width: number) =>
  `\n${texts(hotKeyRows(plantedHotKeys(), rowsContext({ width, height: 40, language }))).join('\n')}\n`;

test('a frame of 76 cells, in English', () => {
  expect(frame('en', 76)).toMatchInlineSnapshot(`
    "
    hot shard 127.0.0.1:17001: 1.6 × the mean
    counted by 2 workers, 1,000/s in all
      key             share  per s   slot  hash tag  node
    ! balance:{HOT}  30.0 %  300/s  13199  {HOT}     127.0.0.1:17001  ██████████
      balance:2       0.4 %  4.0/s  10104            127.0.0.1:17002  ▏
    slow lrange big 2 × 30 ms 127.0.0.1:17001
    "
  `);
});

test('a frame of 76 cells, in Korean', () => {
  expect(frame('ko', 76)).toMatchInlineSnapshot(`
    "
    핫 샤드 127.0.0.1:17001: 평균의 1.6배
    워커 2개가 셈, 모두 1,000/s
      키                몫   초당   슬롯  해시 태그  노드
    ! balance:{HO…  30.0 %  300/s  13199  {HOT}      127.0.0.1:17001  ██████████
      balance:2      0.4 %  4.0/s  10104             127.0.0.1:17002  ▏
    느린 명령 lrange big 2 × 30ms 127.0.0.1:17001
    "
  `);
});

test('a frame of 156 cells', () => {
  expect(frame('en', 156)).toMatchInlineSnapshot(`
    "
    hot shard 127.0.0.1:17001: 1.6 × the mean
    counted by 2 workers, 1,000/s in all
      key                                                                         share  per s   slot  hash tag  node
    ! balance:{HOT}                                                              30.0 %  300/s  13199  {HOT}     127.0.0.1:17001  ██████████████████████████████
      balance:2                                                                   0.4 %  4.0/s  10104            127.0.0.1:17002  ▍
    slow lrange big 2 × 30 ms 127.0.0.1:17001
    "
  `);
});

test('control sequences are not drawn, and no line is wider than it may be', () => {
  for (const width of [40, 60, 76, 104, 156]) {
    for (const line of hotKeyRows(plantedHotKeys(), rowsContext({ width, trend: () => [0, 1, 2, 3, 4, 5] }))) {
      expect(textOf(line)).not.toContain('\u001b');
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('in one line', () => {
  expect(texts([hotKeysSummary(plantedHotKeys(), narrow)])).toMatchInlineSnapshot(`
    [
      "hot shard 127.0.0.1:17001: 1.6 × the mean",
    ]
  `);
});

test('ok, finding, not mapped, unknown', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return hotKeys.view(store.getSnapshot(), {
      width: 76,
      height: 20,
      scrolls: false,
      language: 'en',
      nowMs: plantedAtMs,
    });
  };
  const value = plantedHotKeys();
  const finding = { key: 'x', severity: 'warning', text: { ko: '', en: '' } } as const;
  expect(viewOf(read('redis.hot-keys', value, plantedAtMs)).state).toBe('ok');
  const findings = [...probesById['redis.hot-keys'].judge(value), finding];
  expect(viewOf(read('redis.hot-keys', value, plantedAtMs, { findings })).state).toBe('finding');
  expect(viewOf(unread('redis.hot-keys', { reason: 'not mapped', sinceMs: plantedAtMs })).state).toBe('not-mapped');
  const last = { value, takenAtMs: plantedAtMs - 9_000 };
  const unknown = viewOf(unread('redis.hot-keys', { reason: 'no answer', sinceMs: plantedAtMs, last }));
  expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
});
