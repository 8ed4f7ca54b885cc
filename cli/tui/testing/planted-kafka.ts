import type { KafkaCluster } from '../../../infra/probes/kafka/cluster.ts';
import type { KafkaIsr } from '../../../infra/probes/kafka/isr.ts';
import type { IsrState, PartitionHealth } from '../../../infra/probes/kafka/isr-read.ts';
import type { KafkaOffsets, PartitionState } from '../../../infra/probes/kafka/offsets.ts';
import type { KafkaTransactions } from '../../../infra/probes/kafka/transactions.ts';
import { known, total } from '../../../infra/probes/reading.ts';
import { plantedAtMs } from './ticks.ts';

const topic = 'account.balance.v1';

const broker = (nodeId: number, alive: boolean) => ({
  nodeId,
  address: alive ? `127.0.0.1:1909${nodeId}` : undefined,
  alive,
  replicas: 65,
  leads: alive ? 32 : 0,
  version: alive ? '4.4.0' : undefined,
});

const member = (nodeId: number, role: 'leader' | 'observer', lag = 0n) => ({
  nodeId,
  role,
  logEnd: 41_200n - lag,
  lag,
  behindMs: known(lag > 0n ? 9_000 : 0),
});

/** Broker 3 is gone and hangs behind the controllers' log. */
export const plantedCluster = (change: Partial<KafkaCluster> = {}): KafkaCluster => ({
  clusterId: 'lab',
  brokers: [broker(1, true), broker(2, true), broker(3, false)],
  quorum: known({
    leaderId: 100,
    epoch: 4,
    highWatermark: 41_200n,
    replicas: [member(100, 'leader'), member(1, 'observer'), member(2, 'observer'), member(3, 'observer', 310n)],
  }),
  ...change,
});

const lacking = (
  partition: number,
  states: readonly IsrState[],
  over: Partial<PartitionHealth> = {},
): PartitionHealth => ({
  topic,
  partition,
  leader: 1,
  replicas: [1, 2, 3],
  isr: [1, 2],
  offline: [3],
  minIsr: known(2),
  states,
  sinceMs: plantedAtMs - 14_000,
  ...over,
});

export const plantedIsr = (change: Partial<KafkaIsr> = {}): KafkaIsr => ({
  atMs: plantedAtMs,
  topics: 4,
  partitions: 15,
  unknownTopics: [],
  counts: { leaderless: 0, 'under-min-isr': 0, 'at-min-isr': 0, 'under-replicated': 0, 'offline-replica': 0 },
  affected: [],
  minIsrUnknown: 0,
  internal: [],
  events: [],
  seen: [],
  minIsr: { readAtMs: plantedAtMs, topics: [] },
  ...change,
});

/** Broker 3 died: one partition had only it, one has lost more than it may, one still has enough. */
export const plantedIsrLoss = (): KafkaIsr =>
  plantedIsr({
    counts: { leaderless: 1, 'under-min-isr': 1, 'at-min-isr': 1, 'under-replicated': 3, 'offline-replica': 3 },
    affected: [
      lacking(4, ['leaderless', 'under-replicated', 'offline-replica'], { leader: undefined, replicas: [3], isr: [] }),
      lacking(2, ['under-min-isr', 'under-replicated', 'offline-replica'], { isr: [1] }),
      lacking(0, ['at-min-isr', 'under-replicated', 'offline-replica']),
    ],
    internal: [{ topic: '__consumer_offsets', partitions: 50, underReplicated: 50, leaderless: 0 }],
    events: [
      { kind: 'expand', topic, partition: 0, brokers: [2], atMs: plantedAtMs - 60_000 },
      { kind: 'shrink', topic, partition: 0, brokers: [3], atMs: plantedAtMs - 14_000 },
    ],
  });

const stands = (records: bigint, stillMs = 0) => ({ records: known(records), stillMs, progress: undefined });

const partitionAt = (partition: number, over: Partial<PartitionState> = {}): PartitionState => ({
  partition,
  leader: 1,
  replicas: [1, 2],
  isr: [1, 2],
  logStart: known(100n),
  lastStable: known(1_300n),
  highWatermark: known(1_300n),
  logEnd: known(1_300n),
  logEnds: [
    { nodeId: 1, logEnd: known(1_300n), lag: known(0n) },
    { nodeId: 2, logEnd: known(1_300n), lag: known(0n) },
  ],
  held: stands(0n),
  unreplicated: stands(0n),
  ...over,
});

/** Partition 1 is held by a transaction, partition 2 has records that only its leader has. */
export const plantedOffsets = (): KafkaOffsets => {
  const partitions = [
    partitionAt(0),
    partitionAt(1, { lastStable: known(1_250n), held: stands(50n, 23_000) }),
    partitionAt(2, {
      logEnd: known(1_308n),
      unreplicated: stands(8n, 2_000),
      logEnds: [
        { nodeId: 1, logEnd: known(1_308n), lag: known(0n) },
        { nodeId: 2, logEnd: known(1_300n), lag: known(8n) },
      ],
    }),
  ];
  return {
    logStartReadAtMs: plantedAtMs,
    topics: [
      {
        topic,
        partitions: known(partitions),
        held: total(partitions.map(({ held }) => held.records)),
        unreplicated: total(partitions.map(({ unreplicated }) => unreplicated.records)),
      },
    ],
  };
};

export const noTransactions: KafkaTransactions = {
  partitions: { checked: 15, unknown: [] },
  held: [],
  open: [],
  hanging: [],
  unsure: [],
  silent: [],
};

/** One open for long, one that hangs, both with a group behind them. */
export const plantedTransactions = (change: Partial<KafkaTransactions> = {}): KafkaTransactions => {
  const producer = { producerId: 2000n, producerEpoch: 0, lastTimestampMs: plantedAtMs, coordinatorEpoch: -1 };
  const groups = known([{ groupId: 'balance-projector', committed: known(1_250n), waits: known(50n) }]);
  const held = { topic, leader: 1, lastStable: 1_250n, highWatermark: 1_300n, groups };
  return {
    ...noTransactions,
    held: [
      { ...held, partition: 0, producers: known([{ ...producer, startOffset: 1_250n }]) },
      { ...held, partition: 1, producers: known([{ ...producer, producerId: 2001n, startOffset: 1_250n }]) },
    ],
    open: [
      {
        transactionalId: 'ledger-writer-7',
        state: 'Ongoing',
        producerId: 2000n,
        producerEpoch: 3,
        coordinator: 2,
        startMs: plantedAtMs - 23_000,
        openForMs: known(23_000),
        timeoutMs: 60_000,
        partitions: [{ topic, partition: 0 }],
        holds: [{ topic, partition: 0 }],
      },
    ],
    hanging: [
      {
        ...producer,
        topic,
        partition: 1,
        leader: 2,
        producerId: 2001n,
        startOffset: 1_250n,
        transactionalId: null,
        coordinatorState: null,
        records: 50n,
        groups,
      },
    ],
    ...change,
  };
};
