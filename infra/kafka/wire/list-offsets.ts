import type { WireRequest } from './request.ts';

/**
 * What to ask a replica for. Broker side (ReplicaManager.fetchOffset): an ordinary consumer (-1) is answered by the
 * leader only, with the high watermark or, reading committed, the last stable offset; the debugging replica id (-2) is
 * answered by any replica, with its own log end offset. So logStart ≤ lastStable ≤ highWatermark ≤ logEnd.
 */
export type OffsetKind = 'logStart' | 'lastStable' | 'highWatermark' | 'logEnd';

interface Asked {
  readonly replicaId: number;
  readonly isolation: 0 | 1;
  /** Milliseconds since the epoch; -1 the latest, -2 the earliest. */
  readonly timestamp: bigint;
}

const asked: Readonly<Record<OffsetKind, Asked>> = {
  logStart: { replicaId: -1, isolation: 0, timestamp: -2n },
  lastStable: { replicaId: -1, isolation: 1, timestamp: -1n },
  highWatermark: { replicaId: -1, isolation: 0, timestamp: -1n },
  logEnd: { replicaId: -2, isolation: 0, timestamp: -1n },
};

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly offset: bigint;
}

/** ListOffsets v3: one request brings one kind for every partition that the asked broker leads. */
export function listOffsets(
  kind: OffsetKind,
  topics: readonly TopicPartitions[],
): WireRequest<readonly ListedOffset[]> {
  return listOffsetsRequest(topics, asked[kind]);
}

/**
 * ListOffsets v3 by time: the offset of the first record that is not older, -1 where every record is.
 * @param atMs by the clock that stamped the records.
 */
export function offsetsAtTime(topics: readonly TopicPartitions[], atMs: number): WireRequest<readonly ListedOffset[]> {
  return listOffsetsRequest(topics, { ...asked.highWatermark, timestamp: BigInt(Math.trunc(atMs)) });
}

function listOffsetsRequest(
  topics: readonly TopicPartitions[],
  { replicaId, isolation, timestamp }: Asked,
): WireRequest<readonly ListedOffset[]> {
  return {
    apiKey: 2,
    apiVersion: 3,
    apiName: 'ListOffsets',
    flexible: false,
    encode(body) {
      body.int32(replicaId).int8(isolation);
      body.array(topics, ({ topic, partitions }) => {
        body.string(topic).array(partitions, (partition) => body.int32(partition).int64(timestamp));
      });
    },
    decode(body) {
      body.int32(); // throttle time
      const topics = body.array(() => {
        const topic = body.string();
        return body.array(() => {
          const partition = body.int32();
          const errorCode = body.int16();
          body.int64(); // timestamp
          return { topic, partition, errorCode, offset: body.int64() };
        });
      });
      return topics.flat();
    },
  };
}
