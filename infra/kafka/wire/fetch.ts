import { type FetchedBatch, fetchedBatches } from './record-batches.ts';
import type { WireRequest } from './request.ts';

export interface FetchFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export type Isolation = 'uncommitted' | 'committed';

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly logStart: bigint;
  readonly lastStable: bigint;
  readonly highWatermark: bigint;
  /** Of those that end behind the asked offset and begin before the last one sent; told only to who reads committed. */
  readonly aborted: readonly AbortedTransaction[];
  /** Whole batches: the first may begin before the asked offset. A last one that was cut short is left out. */
  readonly batches: readonly FetchedBatch[];
  /** The same as they came, the last one perhaps cut short. */
  readonly records: Buffer;
}

/** A producer's transactions do not overlap: what it wrote from here up to its next marker was aborted. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/**
 * Fetch v11, once and outside of any fetch session: what stands from an offset on, up to the high watermark, open and
 * aborted records and markers included. It waits for nothing, joins no group and moves nothing. Needs READ on the topic.
 * To who reads committed a broker sends the same up to the last stable offset, and says which transactions were aborted.
 * @param bytesMax of one partition and of all: the broker sends at least one whole batch, however large.
 */
export function fetchFrom(
  from: readonly FetchFrom[],
  bytesMax: { readonly partition: number; readonly all: number },
  isolation: Isolation = 'uncommitted',
): WireRequest<readonly FetchedPartition[]> {
  const byTopic = [...Map.groupBy(from, ({ topic }) => topic)];
  return {
    apiKey: 1,
    apiVersion: 11,
    apiName: 'Fetch',
    flexible: false,
    encode(body) {
      const [consumer, waitMs, bytesMin] = [-1, 0, 0];
      body.int32(consumer).int32(waitMs).int32(bytesMin).int32(bytesMax.all);
      body.int8(isolation === 'committed' ? 1 : 0);
      body.int32(0).int32(-1); // no session
      body.array(byTopic, ([topic, partitions]) => {
        body.string(topic).array(partitions, ({ partition, offset }) => {
          body.int32(partition).int32(-1).int64(offset).int64(-1n).int32(bytesMax.partition);
        });
      });
      body.array([], () => {}).string(''); // forgotten topics, rack
    },
    decode(body) {
      body.int32(); // throttle time
      const errorCode = body.int16();
      body.int32(); // session id
      const topics = body.array(() => {
        const topic = body.string();
        return body.array(() => {
          const partition = body.int32();
          const ofPartition = body.int16();
          const highWatermark = body.int64();
          const lastStable = body.int64();
          const logStart = body.int64();
          const aborted = body.array(() => ({ producerId: body.int64(), firstOffset: body.int64() }));
          body.int32(); // preferred read replica
          const records = body.byteString();
          const batches = fetchedBatches(records);
          const code = errorCode === 0 ? ofPartition : errorCode;
          return { topic, partition, errorCode: code, logStart, lastStable, highWatermark, aborted, batches, records };
        });
      });
      return topics.flat();
    },
  };
}
