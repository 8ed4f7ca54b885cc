import { type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type ByTopic, byTopic, keyOf, listByNode } from './read-offsets.ts';
import type { PartitionMetadata } from './wire/metadata.ts';

export interface PositionsWanted {
  /** null: every topic there is. */
  readonly topics: readonly string[] | null;
  /** It moves only when retention or an operator deletes: not every reading needs it. */
  readonly logStart: boolean;
}

export interface PartitionPosition {
  readonly partition: number;
  /** Node id; undefined: none. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** Undefined when it was not wanted. */
  readonly logStart: Part<bigint> | undefined;
  /** As it stood no later than the high watermark, and that no later than the log ends. */
  readonly lastStable: Part<bigint>;
  readonly highWatermark: Part<bigint>;
  readonly logEnds: readonly { readonly nodeId: number; readonly logEnd: Part<bigint> }[];
}

const noLeader = unknownPart<bigint>('the partition has no leader');

/** A broker serves a connection in order: what is asked first is told as of no later. @throws EngineError when no broker answers. */
export async function readPositions(
  brokers: Brokers,
  { topics, logStart }: PositionsWanted,
): Promise<ByTopic<PartitionPosition>> {
  const cluster = await brokers.metadata(topics);
  // Each end is to be told as of the same moment.
  await brokers.roomFor(3);
  const leaderOf = ({ leader }: PartitionMetadata): readonly number[] => (leader < 0 ? [] : [leader]);
  const [stable, high, ends, starts] = await Promise.all([
    listByNode(brokers, cluster, 'lastStable', leaderOf),
    listByNode(brokers, cluster, 'highWatermark', leaderOf),
    listByNode(brokers, cluster, 'logEnd', ({ replicas }) => replicas),
    logStart ? listByNode(brokers, cluster, 'logStart', leaderOf) : undefined,
  ]);
  const names = topics ?? cluster.topics.map(({ topic }) => topic);
  return byTopic(names, cluster, ({ topic, partitions }) =>
    partitions.map(({ partition, leader, replicas, isr }) => {
      const ledKey = keyOf(topic, partition, leader);
      return {
        partition,
        leader: leader < 0 ? undefined : leader,
        replicas,
        isr,
        logStart: starts === undefined ? undefined : (starts.get(ledKey) ?? noLeader),
        lastStable: stable.get(ledKey) ?? noLeader,
        highWatermark: high.get(ledKey) ?? noLeader,
        logEnds: replicas.map((nodeId) => {
          return { nodeId, logEnd: ends.get(keyOf(topic, partition, nodeId)) ?? unknownPart('not in the answer') };
        }),
      };
    }),
  );
}
