import type { TopicPartitions } from './list-offsets.ts';
import type { WireRequest } from './request.ts';

export interface OffsetAtTime {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** Of the first record that is not older; -1 where every record is. */
  readonly offset: bigint;
}

/** ListOffsets v3 by time, for the partitions that the asked broker leads. @param atMs by the clock that stamped the records. */
export function offsetsAtTime(topics: readonly TopicPartitions[], atMs: number): WireRequest<readonly OffsetAtTime[]> {
  return {
    apiKey: 2,
    apiVersion: 3,
    apiName: 'ListOffsets',
    flexible: false,
    encode(body) {
      body.int32(-1).int8(0);
      body.array(topics, ({ topic, partitions }) => {
        body.string(topic).array(partitions, (partition) => body.int32(partition).int64(BigInt(Math.trunc(atMs))));
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
