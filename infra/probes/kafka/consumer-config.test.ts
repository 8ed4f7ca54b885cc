import { expect, test } from 'vitest';
import { known, unknownPart } from '../reading.ts';
import { commitsAfter, paceOf } from './commit-pace.ts';
import { type KafkaConsumerConfig, kafkaConsumerConfig, type WorkerHandling } from './consumer-config.ts';

const worker = (change: Partial<WorkerHandling> = {}): WorkerHandling => ({
  worker: 'balance-projector',
  pid: 7,
  handlerMsP50: 20,
  handlerMsP99: 90,
  handlerMsMax: 400,
  batchRecordsP50: 40,
  batchRecordsMax: 100,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  heartbeatIntervalMs: 1_000,
  ...change,
});

const config = (...workers: readonly WorkerHandling[]): KafkaConsumerConfig => ({
  workers: known(workers),
  groups: [],
  rpcs: { total: 3, mostOnOneBroker: 2, brokers: 2 },
  missing: [],
  round: 0,
  logNext: { offsets: {}, groupIds: [] },
});

const keysOf = (...workers: readonly WorkerHandling[]) =>
  kafkaConsumerConfig.judge(config(...workers)).map(({ key, severity }) => `${key} ${severity}`);

test('silent on a worker with room, and where nobody tells', () => {
  expect(keysOf(worker())).toEqual([]);
  expect(kafkaConsumerConfig.judge({ ...config(), workers: unknownPart('not mapped') })).toEqual([]);
});

test('a handler near its session timeout, above it, and what would fit', () => {
  expect(keysOf(worker({ handlerMsP99: 6_000, handlerMsMax: 7_000 }))).toEqual([
    'consumer.balance-projector.session warning',
  ]);
  const slow = worker({ handlerMsP99: 9_000, handlerMsMax: 20_000 });
  expect(keysOf(slow)).toEqual([
    'consumer.balance-projector.session critical',
    'consumer.balance-projector.rejoin warning',
  ]);
  expect(kafkaConsumerConfig.judge(config(slow))[0]?.text.en).toContain('25 records at once would fit');
});

test('a session of fewer than three heartbeats', () => {
  expect(keysOf(worker({ sessionTimeoutMs: 2_500 }))).toEqual(['consumer.balance-projector.heartbeat warning']);
});

test('the pace of commits, from one that moves to the next, partition by partition', () => {
  const commit = (partition: number, offset: bigint, atMs: number) =>
    ({ kind: 'commit', groupId: 'g', topic: 't', partition, offset, atMs }) as const;
  const first = commitsAfter(undefined, [commit(0, 10n, 0), commit(1, 5n, 100), commit(0, 10n, 200)]);
  expect(paceOf(first)).toBeUndefined();
  const second = commitsAfter(first, [commit(0, 30n, 1_200), commit(1, 10n, 400)]);
  expect(paceOf(second)).toEqual({ commits: 2, everyMsP50: 300, everyMsMax: 1_000, recordsP50: 5, recordsMax: 20 });
});
