import { expect, test } from 'vitest';
import { quietPartition } from '../../testing/planted-partition-lag.ts';
import { known, unknownPart } from '../reading.ts';
import { type GroupLag, type KafkaGroupLag, kafkaGroupLag, type PartitionLag } from './group-lag.ts';
import { totalsOf } from './group-lag-totals.ts';

function partition(number: number, lag: bigint, over: Partial<PartitionLag> = {}): PartitionLag {
  return {
    partition: number,
    leader: 1,
    committed: known(100n),
    logStart: known(0n),
    lastStable: known(100n + lag),
    highWatermark: known(100n + lag),
    lag: known(lag),
    split: known({ readable: lag, blocked: 0n, markers: 0n }),
    ...quietPartition,
    clientId: 'lab.balance-projector.1',
    ...over,
  };
}

function group(partitions: readonly PartitionLag[], over: Partial<GroupLag> = {}): GroupLag {
  return {
    role: 'projector',
    groupId: 'balance-projector',
    topic: 'account.balance.v1',
    state: known('Stable'),
    members: known([]),
    partitions: known(partitions),
    ...totalsOf(known(partitions)),
    drainMs: undefined,
    hot: undefined,
    perSecond: { produced: 1_000, consumed: 1_000 },
    ...over,
  };
}

const leaderless = (number: number) =>
  partition(number, 0n, {
    leader: undefined,
    highWatermark: unknownPart('the partition has no leader'),
    split: unknownPart('the partition has no leader'),
    lag: unknownPart('the partition has no leader'),
  });

const lag = (groups: readonly GroupLag[], wholeCluster = false): KafkaGroupLag => ({
  groups,
  wholeCluster,
  missing: [],
  rpcs: { total: 7, mostOnOneBroker: 3, brokers: 3 },
  readMs: 12,
  round: 1,
  logStartsReadAtMs: 0,
  retention: {},
});

const keysOf = (...groups: readonly GroupLag[]) => kafkaGroupLag.judge(lag(groups)).map(({ key }) => key);

test('silent when everything is consumed', () => {
  expect(keysOf(group([partition(0, 0n), partition(1, 0n)]))).toEqual([]);
});

test('silent on a busy group that keeps up, also with thousands in flight', () => {
  const busy = { waitedMs: 1_000, stillMs: 1_000 };
  expect(keysOf(group([partition(0, 4_000n, busy), partition(1, 3_000n, busy)]))).toEqual([]);
});

test('silent on an empty group that owes nothing', () => {
  expect(keysOf(group([partition(0, 0n)], { state: known('Empty') }))).toEqual([]);
});

test('silent while a group rebalances for a moment', () => {
  const waiting = partition(0, 20n, { stillMs: 9_000, waitedMs: 9_000 });
  expect(keysOf(group([waiting], { state: known('PreparingRebalance') }))).toEqual([]);
});

test('a group without members while records wait', () => {
  const [finding] = kafkaGroupLag.judge(lag([group([partition(0, 7n)], { state: known('Empty') })]));
  expect(finding).toMatchObject({ key: 'lag.projector.empty', severity: 'critical' });
  expect(finding?.text.en).toContain('7 records wait');
  expect(keysOf(group([partition(0, 7n)], { state: known('Dead') }))).toEqual(['lag.projector.empty']);
});

test('one partition that stands still among moving ones is named', () => {
  const partitions = [partition(0, 0n), partition(3, 1n, { stillMs: 20_000, waitedMs: 20_000 })];
  const [finding, ...rest] = kafkaGroupLag.judge(lag([group(partitions)]));
  expect(rest).toEqual([]);
  expect(finding).toMatchObject({ key: 'lag.projector.stopped', severity: 'critical' });
  expect(finding?.text.en).toContain('partition 3 for 20 s');
});

test('a group that works but leaves records waiting', () => {
  expect(keysOf(group([partition(0, 90n, { waitedMs: 12_000 })]))).toEqual(['lag.projector.behind']);
});

test('a backlog that would take long at the present rate, seen in two readings', () => {
  const perSecond = { produced: 0, consumed: 100 };
  expect(keysOf(group([partition(0, 50_000n)], { perSecond }))).toEqual(['lag.projector.behind']);
  expect(keysOf(group([partition(0, 500n)], { perSecond }))).toEqual([]);
});

test('leaderless partitions are one finding a topic, and the total says that it is a lower bound', () => {
  const partitions = [partition(0, 5n), leaderless(1), leaderless(4)];
  const [projector, invalidator] = [group(partitions), group(partitions, { role: 'invalidator', groupId: 'i' })];
  const findings = kafkaGroupLag.judge(lag([projector, invalidator]));
  expect(findings.map(({ key }) => key)).toEqual(['leader.account.balance.v1']);
  expect(findings[0]?.text.en).toContain('2/3 partitions');
  expect(projector.lag).toEqual({ atLeast: 5n, unknown: 2, parts: 3 });
  expect(kafkaGroupLag.rows(lag([projector])).at(-2)).toContain('at least 5 (2 of 3 unknown)');
});

test('a partition unknown at the moment is not said to stand still', () => {
  expect(keysOf(group([partition(0, 3n), { ...leaderless(1), leader: 2, stillMs: 60_000, waitedMs: 60_000 }]))).toEqual(
    [],
  );
});

test('the sparkline has a gap where a part of the total is unknown', () => {
  expect(kafkaGroupLag.numbers?.(lag([group([partition(0, 5n)])]))).toEqual({ 'lag.projector': 5 });
  expect(kafkaGroupLag.numbers?.(lag([group([partition(0, 5n), leaderless(1)])]))).toEqual({});
});

test('nothing to read is no finding: markers only, and a transaction that has just begun', () => {
  const markers = partition(0, 1n, { split: known({ readable: 0n, blocked: 0n, markers: 1n }), stillMs: 60_000 });
  const begun = partition(1, 9n, { split: known({ readable: 0n, blocked: 9n, markers: 0n }), blockedMs: 2_000 });
  expect(keysOf(group([markers, begun]))).toEqual([]);
  expect(keysOf(group([markers], { state: known('Empty') }))).toEqual([]);
});

test('a transaction that stays open, records deleted unread, an offset beyond the end: one finding each', () => {
  const blocked = partition(0, 9n, { split: known({ readable: 0n, blocked: 9n, markers: 0n }), blockedMs: 12_000 });
  const lost = partition(1, 0n, { lost: 40n });
  const ahead = partition(2, 0n, { ahead: 5n, aheadReadings: 2 });
  const findings = kafkaGroupLag.judge(lag([group([blocked, lost, ahead])]));
  expect(findings.map(({ key, severity }) => `${key} ${severity}`)).toEqual([
    'lag.projector.blocked warning',
    'lag.projector.lost critical',
    'lag.projector.ahead critical',
  ]);
  expect(findings.map(({ text }) => text.en.match(/\d+ (?:records|offsets)/)?.[0])).toEqual([
    '9 records',
    '40 offsets',
    '5 offsets',
  ]);
  // Once may be a leader that has just been elected.
  expect(keysOf(group([{ ...ahead, aheadReadings: 1 }]))).toEqual([]);
});

test('unread records that retention is about to delete', () => {
  const waiting = { timeLagMs: known(90_000), deletedInMs: known(10_000) };
  expect(keysOf(group([partition(0, 5n, waiting)]))).toEqual(['lag.projector.retention']);
  const lately = { timeLagMs: known(1_000), deletedInMs: known(59_000) };
  expect(keysOf(group([partition(0, 5n, lately)]))).toEqual([]);
});

test('of a whole cluster, a group that was left behind is a warning, and dots in its name part no key', () => {
  const left = group([partition(0, 7n)], { role: 'a.b', groupId: 'a.b', state: known('Empty') });
  expect(kafkaGroupLag.judge(lag([left], true))).toMatchObject([{ key: 'lag.a_b.empty', severity: 'warning' }]);
});
