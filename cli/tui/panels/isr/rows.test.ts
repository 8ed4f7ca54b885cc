import { expect, test } from 'vitest';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedIsr, plantedIsrLoss } from '../../testing/planted-kafka.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { widthOf } from '../../ui/line.ts';
import { isr } from './isr.ts';
import { isrRows } from './rows.ts';

test('a broker died: the worst first, then what happened, newest first', () => {
  expect(texts(isrRows(plantedIsrLoss(), rowsContext()))).toEqual([
    expect.stringMatching(/^15 partitions of 4 topics · no leader 1 · under minISR 1 · under-replicated…$/),
    "! Kafka's own __consumer_offsets: 50 under-replicated, 0 without leader",
    expect.stringMatching(/^ {2}partition +state +leader +ISR \/ replicas +minISR +for$/),
    expect.stringMatching(/^✗ account\.balance\.v1\/4 +no leader +- +- \/ 3 +2 +14 s$/),
    expect.stringMatching(/^✗ account\.balance\.v1\/2 +under minISR +1 +1 \/ 1 2 3 +2 +14 s$/),
    expect.stringMatching(/^! account\.balance\.v1\/0 +at minISR +1 +1 2 \/ 1 2 3 +2 +14 s$/),
    expect.stringMatching(/ {2}broker 3 left the ISR {2}account\.balance\.v1\/0$/),
    expect.stringMatching(/ {2}broker 2 came back {2}account\.balance\.v1\/0$/),
  ]);
  const ko = texts(isrRows(plantedIsrLoss(), rowsContext({ language: 'ko', width: 156 })));
  expect(ko[0]).toMatch(/^토픽 4개의 파티션 15개 · 리더 없음 1 · minISR 미달 1 · 복제 부족 3 · 오프라인 복제본 3$/);
  expect(ko[6]).toMatch(/브로커 3 ISR 이탈/);
});

test('all in sync; and what could not be told', () => {
  expect(texts(isrRows(plantedIsr(), rowsContext()))).toEqual(['15 partitions of 4 topics · all in sync']);
  const unknownTopics = [{ topic: 'secret\u001b[2J', reason: 'not permitted' }];
  expect(texts(isrRows(plantedIsr({ unknownTopics, minIsrUnknown: 4 }), rowsContext())).slice(1)).toEqual([
    '? 1 topics unknown (secret: not permitted)',
    '? min.insync.replicas of 4 topics unknown',
  ]);
});

test.each([40, 60, 76, 156])('no line is wider than %i', (width) => {
  for (const language of ['ko', 'en'] as const)
    for (const row of isrRows(plantedIsrLoss(), rowsContext({ width, language })))
      expect(widthOf(row)).toBeLessThanOrEqual(width);
});

test('designed states: empty, ok, finding, not mapped, unknown', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    return isr.view(store.getSnapshot(), { width: 76, height: 12, scrolls: false, language: 'en', nowMs: plantedAtMs });
  };
  const finding = { key: 'isr.leaderless', severity: 'critical', text: { ko: '리더 없음', en: 'no leader' } } as const;
  expect(viewOf(read('kafka.isr', plantedIsr({ partitions: 0 }), plantedAtMs))).toMatchObject({ state: 'empty' });
  expect(viewOf(read('kafka.isr', plantedIsr(), plantedAtMs))).toMatchObject({ state: 'ok', mark: '✓' });
  expect(viewOf(read('kafka.isr', plantedIsrLoss(), plantedAtMs, { findings: [finding] }))).toMatchObject({
    state: 'finding',
    mark: '✗',
  });
  expect(viewOf(unread('kafka.isr', { reason: 'not mapped', sinceMs: plantedAtMs }))).toMatchObject({
    state: 'not-mapped',
  });
  const last = { value: plantedIsrLoss(), takenAtMs: plantedAtMs - 9_000 };
  const unknown = viewOf(unread('kafka.isr', { reason: 'no broker answers', sinceMs: plantedAtMs, last }));
  expect(unknown).toMatchObject({ state: 'unknown', mark: '?' });
  expect(texts(unknown.lines)[2]).toBe('last known value (9 s ago)');
});
