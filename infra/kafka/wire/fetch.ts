import type { WireRequest } from './request.ts';

export interface FetchFrom {
  readonly partition: number;
  readonly offset: bigint;
}

export interface FetchedBytes {
  readonly topic: string;
  readonly partition: number;
  /** 1, OFFSET_OUT_OF_RANGE: below the log start or above the log end. */
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly logStart: bigint;
  /** Whole batches from the one that holds the asked offset on; the last may be cut short. */
  readonly records: Buffer;
}

/**
 * Fetch v5, reading uncommitted and without waiting. A broker gives one whole batch however large it is, and leaves
 * partitions empty when the limit for all is reached.
 */
export function fetchBytes(
  topics: readonly { readonly topic: string; readonly partitions: readonly FetchFrom[] }[],
  { partitionBytesMax, bytesMax }: { readonly partitionBytesMax: number; readonly bytesMax: number },
): WireRequest<readonly FetchedBytes[]> {
  return {
    apiKey: 1,
    apiVersion: 5,
    apiName: 'Fetch',
    flexible: false,
    encode(body) {
      body.int32(-1).int32(0).int32(0).int32(bytesMax).int8(0); // consumer, no wait, no minimum, read_uncommitted
      body.array(topics, ({ topic, partitions }) => {
        body.string(topic).array(partitions, ({ partition, offset }) => {
          body.int32(partition).int64(offset).int64(-1n).int32(partitionBytesMax); // -1: we are no follower
        });
      });
    },
    decode(body) {
      body.int32(); // throttle time
      const topics = body.array(() => {
        const topic = body.string();
        return body.array(() => {
          const partition = body.int32();
          const errorCode = body.int16();
          const highWatermark = body.int64();
          body.int64(); // last stable offset
          const logStart = body.int64();
          body.array(() => [body.int64(), body.int64()]); // aborted transactions: none when reading uncommitted
          return { topic, partition, errorCode, highWatermark, logStart, records: body.byteString() };
        });
      });
      return topics.flat();
    },
  };
}
