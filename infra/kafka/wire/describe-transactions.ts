import type { TopicPartitions } from './list-offsets.ts';
import type { WireRequest } from './request.ts';

export interface DescribedTransaction {
  readonly errorCode: number;
  readonly transactionalId: string;
  readonly state: string;
  readonly timeoutMs: number;
  /** By the coordinator's clock; -1 while none is open. */
  readonly startMs: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Where its records or group offsets are; empty once every marker is written. */
  readonly topics: readonly TopicPartitions[];
}

/** DescribeTransactions v0 (Kafka 3.0, KIP-664): many transactional ids of one coordinator. */
export function describeTransactions(
  transactionalIds: readonly string[],
): WireRequest<readonly DescribedTransaction[]> {
  return {
    apiKey: 65,
    apiVersion: 0,
    apiName: 'DescribeTransactions',
    flexible: true,
    encode(body) {
      body.compactArray(transactionalIds, (transactionalId) => body.compactString(transactionalId)).noTags();
    },
    decode(body) {
      body.int32(); // throttle time
      return body.compactArray(() => ({
        errorCode: body.int16(),
        transactionalId: body.compactString(),
        state: body.compactString(),
        timeoutMs: body.int32(),
        startMs: Number(body.int64()),
        producerId: body.int64(),
        producerEpoch: body.int16(),
        topics: body.compactArray(() => ({
          topic: body.compactString(),
          partitions: body.compactList(() => body.int32()),
        })),
      }));
    },
  };
}
