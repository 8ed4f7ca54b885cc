import { WireReader } from './bytes.ts';
import type { WireRequest } from './request.ts';

export interface DescribedGroup {
  readonly groupId: string;
  readonly errorCode: number;
  /** Stable, Empty, PreparingRebalance, CompletingRebalance; Dead also where there is no such group of this type. */
  readonly state: string;
  /** `consumer`; empty where the group has no members. */
  readonly protocolType: string;
  /** The assignor's name, `range`; empty while a rebalance goes on. */
  readonly assignor: string;
  /** KIP-848: of the group and of its target assignment; undefined for classic groups. */
  readonly epochs: { readonly group: number; readonly assignment: number } | undefined;
  readonly members: readonly DescribedMember[];
}

export interface DescribedMember {
  readonly memberId: string;
  /** Of a static member. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  /** KIP-848; undefined for classic groups. */
  readonly epoch: number | undefined;
  /** What it subscribed to; empty where its client has a format of its own. */
  readonly topics: readonly string[];
  readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

/** DescribeGroups v5 (Kafka 2.4): many classic groups of one coordinator. */
export function describeGroups(groupIds: readonly string[]): WireRequest<readonly DescribedGroup[]> {
  return {
    apiKey: 15,
    apiVersion: 5,
    apiName: 'DescribeGroups',
    flexible: true,
    encode(body) {
      body.compactArray(groupIds, (groupId) => body.compactString(groupId));
      body.boolean(false).noTags(); // authorized operations
    },
    decode(body) {
      body.int32(); // throttle time
      return body.compactArray(() => {
        const errorCode = body.int16();
        const groupId = body.compactString();
        const state = body.compactString();
        const protocolType = body.compactString();
        const assignor = body.compactString();
        const members = body.compactArray(() => memberOf(body));
        body.int32(); // authorized operations
        return { groupId, errorCode, state, protocolType, assignor, epochs: undefined, members };
      });
    },
  };
}

function memberOf(body: WireReader): DescribedMember {
  return {
    memberId: body.compactString(),
    instanceId: body.nullableCompactString(),
    clientId: body.compactString(),
    host: body.compactString(),
    epoch: undefined,
    topics: subscriptionOf(body.compactByteString()),
    assignment: assignmentOf(body.compactByteString()),
  };
}

/** ConsumerProtocolSubscription: a version, the topics, and what later versions append; opaque to the broker. */
export function subscriptionOf(bytes: Buffer): readonly string[] {
  return read(bytes, (reader) => reader.array(() => reader.string()));
}

/** ConsumerProtocolAssignment: written by the group's leader, opaque to the broker; empty while a rebalance goes on. */
export function assignmentOf(bytes: Buffer): DescribedMember['assignment'] {
  return read(bytes, (reader) =>
    reader.array(() => ({ topic: reader.string(), partitions: reader.array(() => reader.int32()) })),
  );
}

function read<T>(bytes: Buffer, body: (reader: WireReader) => readonly T[]): readonly T[] {
  if (bytes.length === 0) return [];
  const reader = new WireReader(bytes);
  try {
    reader.int16(); // version; later ones only append
    return body(reader);
  } catch (error) {
    if (error instanceof RangeError) return []; // another client's own format
    throw error;
  }
}
