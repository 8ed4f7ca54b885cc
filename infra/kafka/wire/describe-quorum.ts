import type { WireRequest } from './request.ts';

export interface Quorum {
  readonly errorCode: number;
  /** Node id of the active controller, -1 for none. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly voterIds: readonly number[];
}

/** DescribeQuorum v0 of the metadata log: brokers forward it to the active controller, so its answer proves both. */
export function describeQuorum(): WireRequest<Quorum> {
  return {
    apiKey: 55,
    apiVersion: 0,
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
      const replicas = () =>
        body.compactArray(() => {
          const id = body.int32();
          body.int64(); // log end offset
          return id;
        });
      const topics = body.compactArray(() => {
        body.compactString(); // topic
        return body.compactArray(() => {
          body.int32(); // partition
          const partitionErrorCode = body.int16();
          const quorum = { leaderId: body.int32(), leaderEpoch: body.int32() };
          body.int64(); // high watermark
          const voterIds = replicas();
          replicas(); // observers
          return { errorCode: partitionErrorCode, ...quorum, voterIds };
        });
      });
      const quorum = topics[0]?.[0];
      if (errorCode !== 0 || quorum === undefined) return { errorCode, leaderId: -1, leaderEpoch: -1, voterIds: [] };
      return quorum;
    },
  };
}
