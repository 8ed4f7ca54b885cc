import type { Kafka } from 'kafkajs';
import { within } from '../clock.ts';
import { type FetchedMessage, type InternalCluster, internalCluster } from './internal-cluster.ts';

export interface ScannedRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: NonNullable<FetchedMessage['headers']>;
}

const fetchBytesMax = 4 * 1024 * 1024;
const fetchTimeoutMs = 10_000;

/**
 * Every record of a topic up to its high watermarks as they stood at the start: each partition in the order of its
 * offsets, one partition after the other. Joins no group and leaves no trace. Uncommitted and aborted records included
 * (read_uncommitted); control records left out.
 * @param from where to begin, by partition; 0 where it does not say. Partitions that are not in it are left out.
 * @throws what kafkajs throws when a partition has no leader; TimeoutError for a broker that does not answer.
 */
export async function* scanTopic(
  kafka: Kafka,
  topic: string,
  from?: ReadonlyMap<number, bigint>,
): AsyncGenerator<ScannedRecord> {
  const cluster = internalCluster(kafka);
  try {
    await within('connecting to Kafka', fetchTimeoutMs, cluster.connect());
    await cluster.addTargetTopic(topic);
    for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic)) {
      const start = from === undefined ? 0n : from.get(partitionId);
      if (start !== undefined) yield* scanPartition(cluster, { topic, partition: partitionId, leader, start });
    }
  } finally {
    await cluster.disconnect();
  }
}

async function* scanPartition(
  cluster: InternalCluster,
  {
    topic,
    partition,
    leader,
    start,
  }: { readonly topic: string; readonly partition: number; readonly leader: number; readonly start: bigint },
): AsyncGenerator<ScannedRecord> {
  const broker = await cluster.findBroker({ nodeId: String(leader) });
  let next = start;
  let end: bigint | undefined;
  do {
    const request = { partition, fetchOffset: String(next), maxBytes: fetchBytesMax, currentLeaderEpoch: -1 };
    const { responses } = await within(
      `fetching ${topic}/${partition}`,
      fetchTimeoutMs,
      broker.fetch({
        isolationLevel: 0,
        maxWaitTime: 100,
        minBytes: 1,
        maxBytes: fetchBytesMax,
        topics: [{ topic, partitions: [request] }],
      }),
    );
    const fetched = responses[0]?.partitions[0];
    if (fetched === undefined) throw new Error(`the answer to a fetch of ${topic}/${partition} lacks the partition`);
    end ??= BigInt(fetched.highWatermark);
    // A fetch returns whole batches: records before the asked offset may come again.
    const fresh = fetched.messages.filter(({ offset }) => BigInt(offset) >= next);
    for (const message of fresh) {
      next = BigInt(message.offset) + 1n;
      if (next > end) return;
      if (message.isControlRecord !== true) yield recordOf(partition, message);
    }
    if (fresh.length === 0 && next < end) throw new Error(`${topic}/${partition} returned nothing at ${next} < ${end}`);
  } while (next < end);
}

/** A fetched message in our own form. */
export function recordOf(partition: number, message: FetchedMessage): ScannedRecord {
  return {
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: message.headers ?? {},
  };
}
