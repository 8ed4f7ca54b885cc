import { WireReader } from './bytes.ts';
import type { WireRequest } from './request.ts';

export interface DescribedGroup {
  readonly groupId: string;
  readonly errorCode: number;
  /** Stable, Empty, PreparingRebalance, CompletingRebalance; Dead also where there is no such group. */
  readonly state: string;
  readonly members: readonly DescribedMember[];
}

export interface DescribedMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

/** DescribeGroups v2: many groups of one coordinator. */
export function describeGroups(groupIds: readonly string[]): WireRequest<readonly DescribedGroup[]> {
  return {
    apiKey: 15,
    apiVersion: 2,
    apiName: 'DescribeGroups',
    flexible: false,
    encode: (body) => void body.array(groupIds, (groupId) => body.string(groupId)),
    decode(body) {
      body.int32(); // throttle time
      return body.array(() => {
        const errorCode = body.int16();
        const groupId = body.string();
        const state = body.string();
        body.string(); // protocol type
        body.string(); // protocol: the assignor's name
        const members = body.array(() => {
          const member = { memberId: body.string(), clientId: body.string(), host: body.string() };
          body.byteString(); // subscription
          return { ...member, assignment: assignmentOf(body.byteString()) };
        });
        return { groupId, errorCode, state, members };
      });
    },
  };
}

/** ConsumerProtocolAssignment: written by the group's leader, opaque to the broker; empty while a rebalance goes on. */
function assignmentOf(bytes: Buffer): DescribedMember['assignment'] {
  if (bytes.length === 0) return [];
  const reader = new WireReader(bytes);
  try {
    reader.int16(); // version; later ones only append
    return reader.array(() => ({ topic: reader.string(), partitions: reader.array(() => reader.int32()) }));
  } catch (error) {
    if (error instanceof RangeError) return []; // another client's own format
    throw error;
  }
}
