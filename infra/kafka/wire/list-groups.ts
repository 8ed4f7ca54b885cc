import type { WireReader } from './bytes.ts';
import type { WireRequest } from './request.ts';

export interface ListedGroups {
  readonly errorCode: number;
  readonly groups: readonly ListedGroup[];
}

export interface ListedGroup {
  readonly groupId: string;
  /** `consumer`; empty for offsets without members; `connect`, `share` and others for what is no consumer group. */
  readonly protocolType: string;
  readonly state: string;
  /** `classic`, `consumer` (KIP-848), `share`, …; undefined: the broker is older than 3.8 and has no others. */
  readonly type: string | undefined;
}

/** ListGroups v5 (Kafka 3.8, KIP-848), or v4 (2.6): the groups that the asked broker coordinates. */
export function listGroups(): WireRequest<ListedGroups> {
  return { ...request(5), older: request(4) };
}

function request(apiVersion: 4 | 5): WireRequest<ListedGroups> {
  return {
    apiKey: 16,
    apiVersion,
    apiName: 'ListGroups',
    flexible: true,
    encode(body) {
      body.compactArray([], () => {}); // every state
      if (apiVersion === 5) body.compactArray([], () => {}); // every type
      body.noTags();
    },
    decode(body) {
      body.int32(); // throttle time
      return { errorCode: body.int16(), groups: body.compactArray(() => listed(body, apiVersion)) };
    },
  };
}

function listed(body: WireReader, apiVersion: number): ListedGroup {
  return {
    groupId: body.compactString(),
    protocolType: body.compactString(),
    state: body.compactString(),
    type: apiVersion === 5 ? body.compactString().toLowerCase() : undefined,
  };
}
