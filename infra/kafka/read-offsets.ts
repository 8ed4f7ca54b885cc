import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { listOffsets, type OffsetKind, type TopicPartitions } from './wire/list-offsets.ts';
import type { Metadata, PartitionMetadata, TopicMetadata } from './wire/metadata.ts';
import { unknownFor } from './wire/request.ts';

export interface PartitionOffsets<Kind extends OffsetKind> {
  readonly partition: number;
  /** Node id; undefined: no replica leads, the partition neither takes nor gives records. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offsets: Readonly<Record<Kind, Part<bigint>>>;
}

/** By topic: unknown where the topic is missing or forbidden. */
export type ByTopic<Value> = ReadonlyMap<string, Part<readonly Value[]>>;

/**
 * One request a leader and kind, all at once.
 * @param seen metadata of this very moment that has the topics, where the caller has asked for it already.
 * @throws EngineError when no broker answers.
 */
export async function readOffsets<Kind extends OffsetKind>(
  brokers: Brokers,
  topics: readonly string[],
  kinds: readonly Kind[],
  seen?: Metadata,
): Promise<ByTopic<PartitionOffsets<Kind>>> {
  const asked = seen ?? (await brokers.metadata(topics));
  const wanted = new Set(topics);
  const cluster = { ...asked, topics: asked.topics.filter(({ topic }) => wanted.has(topic)) };
  const leaderOf = ({ leader }: PartitionMetadata): readonly number[] => (leader < 0 ? [] : [leader]);
  const lists = await Promise.all(
    kinds.map(async (kind) => [kind, await listByNode(brokers, cluster, kind, leaderOf)] as const),
  );
  return byTopic(topics, cluster, ({ topic, partitions }) =>
    partitions.map(({ partition, leader, replicas, isr }) => {
      const offsets = lists.map(([kind, listed]) => {
        return [
          kind,
          listed.get(keyOf(topic, partition, leader)) ?? unknownPart('the partition has no leader'),
        ] as const;
      });
      return {
        partition,
        leader: leader < 0 ? undefined : leader,
        replicas,
        isr,
        offsets: Object.fromEntries(offsets) as Record<Kind, Part<bigint>>,
      };
    }),
  );
}

/**
 * One request to each broker that is asked for anything; by `keyOf`. A broker that fails makes its own parts unknown.
 */
export async function listByNode(
  brokers: Brokers,
  cluster: Metadata,
  kind: OffsetKind,
  askedOf: (partition: PartitionMetadata) => readonly number[],
): Promise<ReadonlyMap<string, Part<bigint>>> {
  const answers = await Promise.all(
    [...partitionsByNode(cluster.topics, askedOf)].map(async ([nodeId, wanted]) => {
      try {
        const broker = cluster.brokers.find((other) => other.nodeId === nodeId);
        if (broker === undefined) throw new EngineError('kafka', `broker ${nodeId} is not in the cluster now`);
        const listed = await brokers.link(`${broker.host}:${broker.port}`).ask(listOffsets(kind, wanted));
        return listed.map(({ topic, partition, errorCode, offset }) => {
          const part = errorCode === 0 ? known(offset) : unknownFor<bigint>(errorCode);
          return [keyOf(topic, partition, nodeId), part] as const;
        });
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        return wanted.flatMap(({ topic, partitions }) =>
          partitions.map((partition) => [keyOf(topic, partition, nodeId), unknownPart<bigint>(error.message)] as const),
        );
      }
    }),
  );
  return new Map(answers.flat());
}

function partitionsByNode(
  topics: readonly TopicMetadata[],
  askedOf: (partition: PartitionMetadata) => readonly number[],
): ReadonlyMap<number, readonly TopicPartitions[]> {
  const byNode = new Map<number, { topic: string; partitions: number[] }[]>();
  for (const { topic, partitions } of topics) {
    for (const partition of partitions) {
      for (const nodeId of askedOf(partition)) {
        const wanted = byNode.get(nodeId) ?? [];
        byNode.set(nodeId, wanted);
        const last = wanted.at(-1);
        if (last?.topic === topic) last.partitions.push(partition.partition);
        else wanted.push({ topic, partitions: [partition.partition] });
      }
    }
  }
  return byNode;
}

export function byTopic<Value>(
  topics: readonly string[],
  cluster: Metadata,
  partsOf: (topic: TopicMetadata) => readonly Value[],
): ByTopic<Value> {
  const found = new Map(cluster.topics.map((topic) => [topic.topic, topic]));
  return new Map(
    topics.map((name) => {
      const topic = found.get(name);
      if (topic === undefined) return [name, unknownPart('not in the answer')];
      return [name, topic.errorCode === 0 ? known(partsOf(topic)) : unknownFor(topic.errorCode)];
    }),
  );
}

export const keyOf = (topic: string, partition: number, nodeId: number): string => `${topic}/${partition}/${nodeId}`;
