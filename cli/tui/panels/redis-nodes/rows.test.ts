import { expect, test } from 'vitest';
import { probesById } from '../../../../infra/probes/index.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedRedisNodes } from '../../testing/planted-redis.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { textOf, widthOf } from '../../ui/line.ts';
import { redisNodes } from './redis-nodes.ts';
import { redisNodeRows, redisNodesSummary } from './rows.ts';

const narrow = rowsContext({ width: 76, height: 0 });

const frame = (language: 'ko' | 'en', width: number) =>
  `\n${texts(redisNodeRows(plantedRedisNodes(), rowsContext({ width, height: 40, language }))).join('\n')}\n`;

test('a frame of 76 cells, in English', () => {
  expect(frame('en', 76)).toMatchInlineSnapshot(`
    "
    busiest shard: 1.6 × the mean
      node             role       ops/s  per call    ping    memory  repl  cpu
    ✓ 127.0.0.1:17001  master     3,188    3.0 µs  0.6 ms  2 MB 3 %     -  0 %
    ✓ 127.0.0.1:17002  master     1,429    3.0 µs  0.6 ms  2 MB 3 %     -  0 %
    ✓ 127.0.0.1:17003  master     1,396    3.0 µs  0.6 ms  2 MB 3 %     -  0 %
    ? 127.0.0.1:17004  ? unknown
        Redis at 127.0.0.1:17004 gives no answer · 2 timeouts
    "
  `);
});

test('a frame of 76 cells, in Korean', () => {
  expect(frame('ko', 76)).toMatchInlineSnapshot(`
    "
    가장 바쁜 샤드: 평균의 1.6배
      노드             역할           초당  호출당   PING    메모리  복제  CPU
    ✓ 127.0.0.1:17001  마스터        3,188  3.0 µs  0.6ms  2 MB 3 %     -  0 %
    ✓ 127.0.0.1:17002  마스터        1,429  3.0 µs  0.6ms  2 MB 3 %     -  0 %
    ✓ 127.0.0.1:17003  마스터        1,396  3.0 µs  0.6ms  2 MB 3 %     -  0 %
    ? 127.0.0.1:17004  ? 알 수 없음
        Redis at 127.0.0.1:17004 gives no answer · 시간 초과 2
    "
  `);
});

test('a frame of 156 cells', () => {
  expect(frame('en', 156)).toMatchInlineSnapshot(`
    "
    busiest shard: 1.6 × the mean
      node             role       ops/s  per call    ping    memory  repl  cpu         clients  evicted  p99 inside
    ✓ 127.0.0.1:17001  master     3,188    3.0 µs  0.6 ms  2 MB 3 %     -  0 %  12 (1 blocked)        0   12 µs get
    ✓ 127.0.0.1:17002  master     1,429    3.0 µs  0.6 ms  2 MB 3 %     -  0 %  12 (1 blocked)        0   12 µs get
    ✓ 127.0.0.1:17003  master     1,396    3.0 µs  0.6 ms  2 MB 3 %     -  0 %  12 (1 blocked)        0   12 µs get
    ? 127.0.0.1:17004  ? unknown
        Redis at 127.0.0.1:17004 gives no answer · 2 timeouts
    "
  `);
});

test('control sequences are not drawn, and no line is wider than it may be', () => {
  for (const width of [40, 60, 76, 104, 156]) {
    for (const line of redisNodeRows(plantedRedisNodes(), rowsContext({ width, trend: () => [0, 1, 2, 3, 4, 5] }))) {
      expect(textOf(line)).not.toContain('\u001b');
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('in one line', () => {
  expect(texts([redisNodesSummary(plantedRedisNodes(), narrow)])).toMatchInlineSnapshot(`
    [
      "4 nodes · 1 unknown · busiest shard: 1.6 × the mean",
    ]
  `);
});

test('ok, finding, not mapped, unknown', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return redisNodes.view(store.getSnapshot(), {
      width: 76,
      height: 20,
      scrolls: false,
      language: 'en',
      nowMs: plantedAtMs,
    });
  };
  const value = plantedRedisNodes();
  const finding = { key: 'x', severity: 'warning', text: { ko: '', en: '' } } as const;
  expect(viewOf(read('redis.nodes', value, plantedAtMs)).state).toBe('ok');
  const findings = [...probesById['redis.nodes'].judge(value), finding];
  expect(viewOf(read('redis.nodes', value, plantedAtMs, { findings })).state).toBe('finding');
  expect(viewOf(unread('redis.nodes', { reason: 'not mapped', sinceMs: plantedAtMs })).state).toBe('not-mapped');
  const last = { value, takenAtMs: plantedAtMs - 9_000 };
  const unknown = viewOf(unread('redis.nodes', { reason: 'no answer', sinceMs: plantedAtMs, last }));
  expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
});
