import type { GroupLag, KafkaGroupLag, PartitionLag } from '../../../infra/probes/kafka/group-lag.ts';
import { totalsOf } from '../../../infra/probes/kafka/group-lag-totals.ts';
import type { PipelineFreshness } from '../../../infra/probes/pipeline/freshness.ts';
import type { OutboxBacklog } from '../../../infra/probes/pipeline/outbox-backlog.ts';
import { known, type Part, unknownPart } from '../../../infra/probes/reading.ts';
import type { EngineAnswer, EngineHealth, StackHealth } from '../../../infra/probes/stack/health.ts';
import type { WorkerHealth, WorkersHealth } from '../../../infra/probes/stack/workers-health.ts';
import { quietPartition } from '../../../infra/testing/planted-partition-lag.ts';

/** Values as the probes of a lab under 40 transfers a second give them, planted for tests of what is drawn. */

const engineFacts = [
  { name: 'mysql', engine: 'mysql', port: 13306, megabytes: 412, version: '8.0.44' },
  { name: 'redis', engine: 'redis', port: 16379, megabytes: 11, version: '7.0.15' },
  { name: 'kafka-controller', engine: 'kafka', port: 19098, megabytes: 318, version: '4.4.0' },
  { name: 'kafka-1', engine: 'kafka', port: 19092, megabytes: 521, version: '4.4.0' },
  { name: 'kafka-2', engine: 'kafka', port: 19094, megabytes: 498, version: '4.4.0' },
  { name: 'kafka-3', engine: 'kafka', port: 19096, megabytes: 505, version: '4.4.0' },
  { name: 'schema-registry', engine: 'registry', port: 18091, megabytes: 388, version: '3.3.0' },
] as const;

/** All engines serve, but for those given another answer. */
export function plantedStack(answers: Readonly<Record<string, EngineAnswer>> = {}): StackHealth {
  return {
    engines: engineFacts.map(({ name, engine, port, megabytes, version }, index): EngineHealth => {
      const answer = answers[name] ?? { serves: true, latencyMs: 0.8 + index * 0.7, detail: '' };
      const usage = { rssBytes: megabytes * 1024 * 1024, cpuMs: 12_000 };
      const process =
        answer.serves === false ? { state: 'dead' as const, version } : { state: 'running' as const, version, usage };
      return { name, engine, endpoint: `127.0.0.1:${port}`, answer, process };
    }),
  };
}

const projectorClient = 'lab.balance-projector.4711';

function plantedPartition(partition: number, lag: Part<bigint>): PartitionLag {
  return {
    partition,
    leader: lag.known ? (partition % 3) + 1 : undefined,
    committed: known(1_000n),
    logStart: known(0n),
    lastStable: lag.known ? known(1_000n + lag.value) : unknownPart(lag.reason),
    highWatermark: lag.known ? known(1_000n + lag.value) : unknownPart(lag.reason),
    lag,
    split: lag.known ? known({ readable: lag.value, blocked: 0n, markers: 0n }) : lag,
    ...quietPartition,
    clientId: projectorClient,
  };
}

export function plantedGroup(role: string, lags: readonly Part<bigint>[], change: Partial<GroupLag> = {}): GroupLag {
  const partitions = known(lags.map((lag, index) => plantedPartition(index, lag)));
  return {
    role,
    groupId: `balance-${role}`,
    topic: 'account.balance.v1',
    state: known('Stable'),
    members: known([
      { memberId: 'm-1', clientId: projectorClient, host: '/127.0.0.1', partitions: lags.map((_, index) => index) },
    ]),
    partitions,
    ...totalsOf(partitions),
    drainMs: undefined,
    hot: undefined,
    perSecond: { produced: 80, consumed: 80 },
    ...change,
  };
}

export const leaderless: Part<bigint> = unknownPart('no leader');
const zeros = (partitions: number): readonly Part<bigint>[] => Array.from({ length: partitions }, () => known(0n));

export const lagOfGroups = (groups: readonly GroupLag[]): KafkaGroupLag => ({
  groups,
  wholeCluster: false,
  missing: [],
  rpcs: { total: 16, mostOnOneBroker: 6, brokers: 3 },
  readMs: 9,
  round: 7,
  logStartsReadAtMs: 0,
  retention: {},
});

export const plantedLag = (): KafkaGroupLag =>
  lagOfGroups([plantedGroup('projector', [known(3n), known(1n), ...zeros(4)]), plantedGroup('invalidator', zeros(6))]);

export const lagWithoutLeaders = (): KafkaGroupLag =>
  lagOfGroups([
    plantedGroup('projector', [known(812n), leaderless, known(940n), known(1_204n), leaderless, known(77n)], {
      perSecond: { produced: 54, consumed: 12.5 },
    }),
    plantedGroup('invalidator', [known(5n), leaderless, ...zeros(2), leaderless, known(0n)]),
  ]);

export const plantedOutbox = (rows = 4): OutboxBacklog => ({
  pending: { rows, exact: true },
  dead: { rows: 0, exact: true },
  oldestPendingMs: known(rows === 0 ? null : 120),
  perSecond: { created: 80, sent: 80 },
  databaseTime: '2026-11-24 14:03:22.000000',
});

const stage = (p50Ms: number, p99Ms: number) => known({ samples: 400, p50Ms, p99Ms, maxMs: p99Ms * 1.2 });

export const plantedFreshness = (oldestMs: number | null = 300): PipelineFreshness => ({
  windowMs: 60_000,
  commitToSent: stage(12, 41),
  commitToApplied: stage(29, 96),
  commitToCache: known({ p50Ms: 31, p99Ms: 102 }),
  oldestUnapplied: known(oldestMs === null ? null : { ageMs: oldestMs, exact: true, dedupKey: 'tx-7f2:1204' }),
  position: undefined,
});

const workerFacts = [
  ['transfer-writer', 'ok', 40],
  ['outbox-relay', 'acked', 80],
  ['balance-projector', 'applied', 80],
  ['cache-invalidator', 'invalidated', 80],
  ['balance-reader', 'reads', 200],
] as const;

export function plantedWorkers(change: Readonly<Record<string, Partial<WorkerHealth>>> = {}): WorkersHealth {
  return {
    workers: workerFacts.map(([worker, counter, rate], index) => ({
      worker,
      pid: 4_700 + index,
      processStart: '8123',
      mode: '',
      beatAgeMs: known(400),
      beatAtMs: 0,
      counters: { [counter]: 12_000 },
      perSecond: { [counter]: rate },
      findings: [],
      ...change[worker],
    })),
  };
}
