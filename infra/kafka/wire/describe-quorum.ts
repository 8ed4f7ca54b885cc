import type { WireRequest } from './request.ts';

export interface Quorum {
  readonly errorCode: number;
  /** Node id of the active controller, -1 for none. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: bigint;
  readonly voterIds: readonly number[];
  readonly voters: readonly QuorumReplica[];
  /** Brokers, and controllers without a vote: they follow the metadata log. */
  readonly observers: readonly QuorumReplica[];
}

export interface QuorumReplica {
  readonly nodeId: number;
  /** -1: it has not fetched from this leader yet. */
  readonly logEnd: bigint;
  /** By the active controller's clock, -1 for never; of the active controller itself: its clock now. */
  readonly lastFetchMs: number;
  readonly lastCaughtUpMs: number;
}

/** DescribeQuorum v1 (Kafka 3.3) of the metadata log: brokers forward it to the active controller, so its answer proves both. */
export function describeQuorum(): WireRequest<Quorum> {
  return {
    apiKey: 55,
    apiVersion: 1,
    apiName: 'DescribeQuorum',
    flexible: true,
    encode(body) {
      body.compactArray(['__cluster_metadata'], (topic) => {
        body.compactString(topic).compactArray([0], (partition) => body.int32(partition).noTags());
        body.noTags();
      });
      body.noTags();
    },
    decode(body) {
      const errorCode = body.int16();
      const replicas = (): readonly QuorumReplica[] =>
        body.compactArray(() => ({
          nodeId: body.int32(),
          logEnd: body.int64(),
          lastFetchMs: Number(body.int64()),
          lastCaughtUpMs: Number(body.int64()),
        }));
      const topics = body.compactArray(() => {
        body.compactString(); // topic
        return body.compactArray(() => {
          body.int32(); // partition
          const partitionErrorCode = body.int16();
          const quorum = { leaderId: body.int32(), leaderEpoch: body.int32(), highWatermark: body.int64() };
          const voters = replicas();
          const voterIds = voters.map(({ nodeId }) => nodeId);
          return { errorCode: partitionErrorCode, ...quorum, voterIds, voters, observers: replicas() };
        });
      });
      const quorum = topics[0]?.[0];
      return errorCode !== 0 || quorum === undefined ? { ...nobody, errorCode } : quorum;
    },
  };
}

const nobody = { leaderId: -1, leaderEpoch: -1, highWatermark: -1n, voterIds: [], voters: [], observers: [] };
