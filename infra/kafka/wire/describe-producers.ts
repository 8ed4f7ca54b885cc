import type { TopicPartitions } from './list-offsets.ts';
import type { WireRequest } from './request.ts';

export interface PartitionProducers {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly producers: readonly ActiveProducer[];
}

export interface ActiveProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Of its newest batch, by whoever stamps records: the producer, or the broker where the topic says LogAppendTime. */
  readonly lastTimestampMs: number;
  /** -1 before its coordinator has ever written a marker here. */
  readonly coordinatorEpoch: number;
  /** Where its open transaction begins in this partition; -1: none is open. */
  readonly startOffset: bigint;
}

/** DescribeProducers v0 (Kafka 2.8, KIP-664): who has written to partitions that the asked broker holds, and what is open. */
export function describeProducers(topics: readonly TopicPartitions[]): WireRequest<readonly PartitionProducers[]> {
  return {
    apiKey: 61,
    apiVersion: 0,
    apiName: 'DescribeProducers',
    flexible: true,
    encode(body) {
      body.compactArray(topics, ({ topic, partitions }) => {
        body.compactString(topic).compactArray(partitions, (partition) => body.int32(partition));
        body.noTags();
      });
      body.noTags();
    },
    decode(body) {
      body.int32(); // throttle time
      const topics = body.compactArray(() => {
        const topic = body.compactString();
        return body.compactArray(() => {
          const partition = body.int32();
          const errorCode = body.int16();
          body.compactString(); // the error in words
          const producers = body.compactArray(() => {
            const producer = { producerId: body.int64(), producerEpoch: body.int32() };
            body.int32(); // last sequence
            return {
              ...producer,
              lastTimestampMs: Number(body.int64()),
              coordinatorEpoch: body.int32(),
              startOffset: body.int64(),
            };
          });
          return { topic, partition, errorCode, producers };
        });
      });
      return topics.flat();
    },
  };
}
