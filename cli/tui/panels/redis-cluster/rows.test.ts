import { expect, test } from 'vitest';
import { probesById } from '../../../../infra/probes/index.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedRedisCluster } from '../../testing/planted-redis.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { textOf, widthOf } from '../../ui/line.ts';
import { redisCluster } from './redis-cluster.ts';
import { redisClusterRows, redisClusterSummary } from './rows.ts';

const narrow = rowsContext({ width: 76, height: 0 });

const frame = (language: 'ko' | 'en', width: number) =>
  `\n${texts(redisClusterRows(plantedRedisCluster(), rowsContext({ width, height: 40, language }))).join('\n')}\n`;

test('a frame of 76 cells, in English', () => {
  expect(frame('en', 76)).toMatchInlineSnapshot(`
    "
    state ok  slots 16,384/16,384  3 masters · 1 replica  epoch 7
    ! 127.0.0.1:17001  master                    failed (fail)
    ✓ 127.0.0.1:17002  master             8,192                       8192-16383
    ✓ 127.0.0.1:17004  master             8,192                       0-8191
    ✓ 127.0.0.1:17005  replica of :17002
    failover 40 s ago: 127.0.0.1:17001 → 127.0.0.1:17004
    balance:{1}                                                        9842  {1}
    seq:{1}                                                            9842  {1}
    잔액:2                                                             3273
    several slots: CROSSSLOT
    "
  `);
});

test('a frame of 76 cells, in Korean', () => {
  expect(frame('ko', 76)).toMatchInlineSnapshot(`
    "
    상태 ok  슬롯 16,384/16,384  마스터 3 · 복제본 1  에폭 7
    ! 127.0.0.1:17001  마스터                  죽음 (fail)
    ✓ 127.0.0.1:17002  마스터           8,192                         8192-16383
    ✓ 127.0.0.1:17004  마스터           8,192                         0-8191
    ✓ 127.0.0.1:17005  :17002의 복제본
    페일오버 40초 전: 127.0.0.1:17001 → 127.0.0.1:17004
    balance:{1}                                                        9842  {1}
    seq:{1}                                                            9842  {1}
    잔액:2                                                             3273
    슬롯이 다름: CROSSSLOT
    "
  `);
});

test('a frame of 156 cells', () => {
  expect(frame('en', 156)).toMatchInlineSnapshot(`
    "
    state ok  slots 16,384/16,384  3 masters · 1 replica  epoch 7
    ! 127.0.0.1:17001  master                    failed (fail)
    ✓ 127.0.0.1:17002  master             8,192                                                                                                       8192-16383
    ✓ 127.0.0.1:17004  master             8,192                                                                                                       0-8191
    ✓ 127.0.0.1:17005  replica of :17002
    failover 40 s ago: 127.0.0.1:17001 → 127.0.0.1:17004
    balance:{1}                                                                                                                                        9842  {1}
    seq:{1}                                                                                                                                            9842  {1}
    잔액:2                                                                                                                                             3273
    several slots: CROSSSLOT
    "
  `);
});

test('control sequences are not drawn, and no line is wider than it may be', () => {
  for (const width of [40, 60, 76, 104, 156]) {
    for (const line of redisClusterRows(
      plantedRedisCluster(),
      rowsContext({ width, trend: () => [0, 1, 2, 3, 4, 5] }),
    )) {
      expect(textOf(line)).not.toContain('\u001b');
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('in one line', () => {
  expect(texts([redisClusterSummary(plantedRedisCluster(), narrow)])).toMatchInlineSnapshot(`
    [
      "ok · slots 16,384 · failover 1",
    ]
  `);
});

test('ok, finding, not mapped, unknown', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return redisCluster.view(store.getSnapshot(), {
      width: 76,
      height: 20,
      scrolls: false,
      language: 'en',
      nowMs: plantedAtMs,
    });
  };
  const value = plantedRedisCluster();
  const finding = { key: 'x', severity: 'warning', text: { ko: '', en: '' } } as const;
  expect(viewOf(read('redis.cluster', value, plantedAtMs)).state).toBe('ok');
  const findings = [...probesById['redis.cluster'].judge(value), finding];
  expect(viewOf(read('redis.cluster', value, plantedAtMs, { findings })).state).toBe('finding');
  expect(viewOf(unread('redis.cluster', { reason: 'not mapped', sinceMs: plantedAtMs })).state).toBe('not-mapped');
  const last = { value, takenAtMs: plantedAtMs - 9_000 };
  const unknown = viewOf(unread('redis.cluster', { reason: 'no answer', sinceMs: plantedAtMs, last }));
  expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
});
