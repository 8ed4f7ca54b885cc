import type { WireRequest } from './request.ts';

export interface CommittedOffsets {
  readonly groupId: string;
  readonly errorCode: number;
  readonly partitions: readonly CommittedOffset[];
}

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** The next offset the group will read; -1: it has never committed here. */
  readonly offset: bigint;
}

/**
 * OffsetFetch v8 (Kafka 3.0, KIP-709): everything that many groups have committed, in one request to a broker that
 * coordinates them all. Partitions without a commit are not in the answer.
 */
export function fetchCommitted(groupIds: readonly string[]): WireRequest<readonly CommittedOffsets[]> {
  return {
    apiKey: 9,
    apiVersion: 8,
    apiName: 'OffsetFetch',
    flexible: true,
    encode(body) {
      body.compactArray(groupIds, (groupId) => {
        body.compactString(groupId).compactArray(null, () => {}); // null: every topic
        body.noTags();
      });
      body.boolean(false).noTags(); // offsets of open transactions need not be settled
    },
    decode(body) {
      body.int32(); // throttle time
      return body.compactArray(() => {
        const groupId = body.compactString();
        const partitions = body.compactArray(() => {
          const topic = body.compactString();
          return body.compactArray(() => {
            const partition = body.int32();
            const offset = body.int64();
            body.int32(); // leader epoch
            body.compactString(); // the committer's own note
            return { topic, partition, offset, errorCode: body.int16() };
          });
        });
        return { groupId, partitions: partitions.flat(), errorCode: body.int16() };
      });
    },
  };
}
