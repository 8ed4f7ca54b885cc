import type { WireReader } from './bytes.ts';
import type { DescribedGroup, DescribedMember } from './describe-groups.ts';
import type { WireRequest } from './request.ts';

/** ConsumerGroupDescribe v1 (Kafka 4.0), or v0 (3.7): many KIP-848 groups of one coordinator. */
export function describeConsumerGroups(groupIds: readonly string[]): WireRequest<readonly DescribedGroup[]> {
  return { ...request(groupIds, 1), older: request(groupIds, 0) };
}

function request(groupIds: readonly string[], apiVersion: 0 | 1): WireRequest<readonly DescribedGroup[]> {
  return {
    apiKey: 69,
    apiVersion,
    apiName: 'ConsumerGroupDescribe',
    flexible: true,
    encode(body) {
      body.compactArray(groupIds, (groupId) => body.compactString(groupId));
      body.boolean(false).noTags(); // authorized operations
    },
    decode(body) {
      body.int32(); // throttle time
      return body.compactArray(() => {
        const errorCode = body.int16();
        body.compactString(); // error message
        const groupId = body.compactString();
        const state = body.compactString();
        const epochs = { group: body.int32(), assignment: body.int32() };
        const assignor = body.compactString();
        const members = body.compactArray(() => memberOf(body, apiVersion));
        body.int32(); // authorized operations
        return { groupId, errorCode, state, protocolType: 'consumer', assignor, epochs, members };
      });
    },
  };
}

function memberOf(body: WireReader, apiVersion: number): DescribedMember {
  const memberId = body.compactString();
  const instanceId = body.nullableCompactString();
  body.compactString(); // rack
  const epoch = body.int32();
  const clientId = body.compactString();
  const host = body.compactString();
  const topics = body.compactList(() => body.compactString());
  body.compactString(); // a regular expression, whose matches are not told
  const assignment = assignmentOf(body);
  assignmentOf(body); // the target that it moves towards
  if (apiVersion >= 1) body.int8(); // whether it speaks the classic protocol
  return { memberId, instanceId, clientId, host, epoch, topics, assignment };
}

function assignmentOf(body: WireReader): DescribedMember['assignment'] {
  const assigned = body.compactArray(() => {
    body.bytes(16); // topic id
    return { topic: body.compactString(), partitions: body.compactList(() => body.int32()) };
  });
  body.skipTags();
  return assigned;
}
