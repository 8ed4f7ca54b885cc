import { expect, test } from 'vitest';
import type { KafkaConsumerConfig } from '../../../../infra/probes/kafka/consumer-config.ts';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { widthOf } from '../../ui/line.ts';
import { consumerConfig } from './consumer-config.ts';
import { consumerConfigLines, consumerConfigSummary } from './rows.ts';

const config = (change: Partial<KafkaConsumerConfig> = {}): KafkaConsumerConfig => ({
  workers: known([
    {
      worker: 'balance-projector',
      pid: 4711,
      handlerMsP50: 20,
      handlerMsP99: 5_600,
      handlerMsMax: 7_000,
      batchRecordsP50: 40,
      batchRecordsMax: 100,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      heartbeatIntervalMs: 1_000,
    },
  ]),
  groups: [
    {
      groupId: 'orders\u001b[31m',
      sessionTimeoutMs: known(45_000),
      rebalanceTimeoutMs: unknownPart('no members'),
      pace: { commits: 9, everyMsP50: 5_000, everyMsMax: 6_000, recordsP50: 240, recordsMax: 500 },
      latest: undefined,
      commits: { last: {}, samples: [] },
    },
  ],
  rpcs: { total: 3, mostOnOneBroker: 2, brokers: 2 },
  missing: [],
  round: 0,
  logNext: { offsets: {}, groupIds: [] },
  ...change,
});

test('handler times against the session, in 80 and in 160 columns', () => {
  const narrow = texts(consumerConfigLines(config(), rowsContext({ width: 76, height: 20 })));
  expect(narrow[1]).toMatch(/^✓ balance-project\S+ +5\.6 s +7 s +10 s +70%/);
  const wide = texts(consumerConfigLines(config(), rowsContext({ width: 156, height: 20, language: 'ko' })));
  expect(wide[0]).toMatch(/^워커 +처리 p99 +최대 +세션 +사용 +배치 +하트비트 +리밸런스$/);
  expect(wide.at(-1)).toMatch(/^orders\S* +45초 +\? +5초 +240$/);
  expect(wide.join('')).not.toContain('\u001b');
});

test.each([40, 60, 76, 104, 156])('no line is wider than %i', (width) => {
  for (const language of ['ko', 'en'] as const)
    for (const row of consumerConfigLines(config(), rowsContext({ width, height: 20, language })))
      expect(widthOf(row)).toBeLessThanOrEqual(width);
});

test('designed states', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    const area = { width: 76, height: 12, scrolls: false, language: 'en', nowMs: plantedAtMs } as const;
    return consumerConfig.view(store.getSnapshot(), area);
  };
  const id = 'kafka.consumer-config';
  expect(viewOf(read(id, config(), plantedAtMs)).state).toBe('ok');
  expect(viewOf(read(id, config({ workers: known([]), groups: [] }), plantedAtMs)).state).toBe('empty');
  const text = { ko: '느림', en: 'slow' };
  const findings = [{ key: 'consumer.balance-projector.session', severity: 'warning' as const, text }];
  const found = viewOf(read(id, config(), plantedAtMs, { findings }));
  expect(found.state).toBe('finding');
  expect(texts(found.lines)[1]).toMatch(/^! balance-project/);
  expect(viewOf(unread(id, { reason: 'not mapped: no Kafka is named', sinceMs: plantedAtMs })).state).toBe(
    'not-mapped',
  );
  expect(viewOf(unread(id, { reason: 'no answer', sinceMs: plantedAtMs })).state).toBe('unknown');
  const untold = texts(consumerConfigLines(config({ workers: unknownPart('not mapped') }), rowsContext()));
  expect(untold[0]).toBe('? handler times unknown (not mapped)');
});

test('in one line', () => {
  expect(texts([consumerConfigSummary(config(), rowsContext())])).toEqual(['balance-projector 7 s/10 s']);
});
