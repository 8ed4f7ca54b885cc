import type { Kafka } from 'kafkajs';
import { within } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { decodeRecords, type ScannedRecord, unreadableText } from './decode-records.ts';
import { type InternalBroker, type InternalCluster, internalCluster } from './internal-cluster.ts';
import { type FetchedPartition, fetchFrom } from './wire/fetch.ts';
import { sendTo } from './wire/link.ts';
import { errorText } from './wire/request.ts';

const fetchBytesMax = 4 * 1024 * 1024;
const fetchTimeoutMs = 10_000;

/**
 * Every record of a topic up to its high watermarks as they stood at the start: each partition in the order of its
 * offsets, one partition after the other. Joins no group and leaves no trace. Uncommitted and aborted records included
 * (read_uncommitted); control records left out.
 * @param from where to begin, by partition; 0 where it does not say. Partitions that are not in it are left out.
 * @throws what kafkajs throws when a partition has no leader; TimeoutError for a broker that does not answer; EngineError
 * for what a broker refuses, and for records that cannot be read: a scan is whole or fails.
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

interface Scanned {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number;
  readonly start: bigint;
}

async function* scanPartition(cluster: InternalCluster, scanned: Scanned): AsyncGenerator<ScannedRecord> {
  const broker = await cluster.findBroker({ nodeId: String(scanned.leader) });
  let next = scanned.start;
  let end: bigint | undefined;
  do {
    const fetched = await fetchOne(broker, scanned, next);
    end ??= fetched.highWatermark;
    if (next >= end) return;
    const { records, unreadable, next: after } = decodeRecords(scanned.partition, fetched.records);
    // A fetch returns whole batches: records before the asked offset may come again.
    for (const record of records) {
      if (record.offset >= next && record.offset < end) yield record;
    }
    const hidden = unreadable.find(({ last }) => last >= next);
    if (hidden !== undefined) throw unreadableIn(scanned, unreadableText(hidden));
    if (after <= next) throw unreadableIn(scanned, `nothing came at ${next}, below ${end}`);
    next = after;
  } while (next < end);
}

async function fetchOne(broker: InternalBroker, scanned: Scanned, offset: bigint): Promise<FetchedPartition> {
  const { topic, partition } = scanned;
  const request = fetchFrom([{ topic, partition, offset }], { partition: fetchBytesMax, all: fetchBytesMax });
  const [fetched] = await within(`fetching ${topic}/${partition}`, fetchTimeoutMs, sendTo(broker, request));
  if (fetched === undefined) throw unreadableIn(scanned, 'not in the answer');
  if (fetched.errorCode !== 0) throw unreadableIn(scanned, errorText(fetched.errorCode));
  return fetched;
}

function unreadableIn({ topic, partition }: Scanned, why: string): EngineError {
  return new EngineError('kafka', `${topic}, partition ${partition}, cannot be read: ${why}`);
}
