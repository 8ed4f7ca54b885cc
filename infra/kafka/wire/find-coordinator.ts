import type { WireRequest } from './request.ts';

export interface Coordinator {
  readonly groupId: string;
  readonly errorCode: number;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** FindCoordinator v4 (Kafka 3.0, KIP-699): the coordinators of many groups in one request. */
export function findCoordinators(groupIds: readonly string[]): WireRequest<readonly Coordinator[]> {
  const groupType = 0;
  return {
    apiKey: 10,
    apiVersion: 4,
    apiName: 'FindCoordinator',
    flexible: true,
    encode(body) {
      body.int8(groupType).compactArray(groupIds, (groupId) => body.compactString(groupId));
      body.noTags();
    },
    decode(body) {
      body.int32(); // throttle time
      return body.compactArray(() => {
        const coordinator = {
          groupId: body.compactString(),
          nodeId: body.int32(),
          host: body.compactString(),
          port: body.int32(),
          errorCode: body.int16(),
        };
        body.compactString(); // error message
        return coordinator;
      });
    },
  };
}
