import type { Kafka } from 'kafkajs';
import { within } from '../clock.ts';
import { EngineError, messageOf } from '../errors.ts';
import { unknownPart } from '../probes/reading.ts';
import { type InternalCluster, internalCluster } from './internal-cluster.ts';
import type { KafkaReader } from './reader.ts';
import { recordOf, type ScannedRecord } from './scan.ts';

/** What stands at one offset. */
export type RecordAt =
  | { readonly status: 'found'; readonly record: ScannedRecord }
  /** Below the log start: retention has deleted it. */
  | { readonly status: 'expired'; readonly logStart: bigint }
  /** At or above the high watermark: it is not there yet, or was cut off with a leader that died. */
  | { readonly status: 'beyond'; readonly highWatermark: bigint }
  /** Within the log, and no record: compacted away, or a control record. */
  | { readonly status: 'gap' };

export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A broker gives at least one whole batch, however large; of more than that we want none. */
const fetchBytesMax = 64 * 1024;
const timeoutMs = 10_000;

/**
 * Reads the record at one offset and nothing behind it, joining no group.
 * @throws EngineError when the topic or its leader is missing, or Kafka cannot be asked.
 */
export async function fetchRecord(kafka: Kafka, reader: KafkaReader, place: RecordPlace): Promise<RecordAt> {
  const { leader, logStart, highWatermark } = await rangeOf(reader, place);
  const { offset } = place;
  if (offset < logStart) return { status: 'expired', logStart };
  if (offset >= highWatermark) return { status: 'beyond', highWatermark };
  const cluster = internalCluster(kafka);
  try {
    const record = await within('fetching a record', timeoutMs, fetchFrom(cluster, leader, place));
    return record === undefined ? { status: 'gap' } : { status: 'found', record };
  } catch (error) {
    // Retention may pass the offset between the two requests.
    if ((error as { type?: unknown }).type === 'OFFSET_OUT_OF_RANGE')
      return { status: 'expired', logStart: offset + 1n };
    throw error instanceof EngineError ? error : unreadable(place, messageOf(error), error);
  } finally {
    await cluster.disconnect().catch(() => {});
  }
}

/** The offsets at which there are records, and who leads the partition. */
async function rangeOf(
  reader: KafkaReader,
  place: RecordPlace,
): Promise<{ readonly leader: number; readonly logStart: bigint; readonly highWatermark: bigint }> {
  const topics = await reader.offsets([place.topic], ['logStart', 'highWatermark']);
  const partitions = topics.get(place.topic) ?? unknownPart('not in the answer');
  if (!partitions.known) throw unreadable(place, partitions.reason);
  const found = partitions.value.find((one) => one.partition === place.partition);
  if (found === undefined) throw unreadable(place, 'there is no such partition');
  const { leader, offsets } = found;
  if (leader === undefined) throw unreadable(place, 'the partition has no leader');
  if (!offsets.logStart.known) throw unreadable(place, offsets.logStart.reason);
  if (!offsets.highWatermark.known) throw unreadable(place, offsets.highWatermark.reason);
  return { leader, logStart: offsets.logStart.value, highWatermark: offsets.highWatermark.value };
}

async function fetchFrom(
  cluster: InternalCluster,
  leader: number,
  { topic, partition, offset }: RecordPlace,
): Promise<ScannedRecord | undefined> {
  await cluster.connect();
  await cluster.addTargetTopic(topic);
  const broker = await cluster.findBroker({ nodeId: String(leader) });
  const request = { partition, fetchOffset: String(offset), maxBytes: fetchBytesMax, currentLeaderEpoch: -1 };
  const { responses } = await broker.fetch({
    isolationLevel: 0,
    maxWaitTime: 100,
    minBytes: 1,
    maxBytes: fetchBytesMax,
    topics: [{ topic, partitions: [request] }],
  });
  // A fetch returns whole batches: records before and behind the asked one come along.
  const message = responses[0]?.partitions[0]?.messages.find((one) => BigInt(one.offset) === offset);
  return message === undefined || message.isControlRecord === true ? undefined : recordOf(partition, message);
}

function unreadable({ topic, partition, offset }: RecordPlace, why: string, cause?: unknown): EngineError {
  return new EngineError(
    'kafka',
    {
      ko: `${topic} 파티션 ${partition}의 오프셋 ${offset}을 읽지 못했습니다`,
      en: `offset ${offset} of ${topic}, partition ${partition}, cannot be read`,
    },
    { why, tryThis: ['labctl status'], ...(cause === undefined ? {} : { cause }) },
  );
}
