import type { GroupRebalances, KafkaRebalances } from '../../../infra/probes/kafka/rebalances.ts';
import { known, unknownPart } from '../../../infra/probes/reading.ts';
import { plantedAtMs } from './ticks.ts';

/** A group of two members that has rebalanced once, half a minute ago. */
export function plantedRebalances(groupId: string, change: Partial<GroupRebalances> = {}): GroupRebalances {
  const member = (clientId: string) => ({
    memberId: `${clientId}-1`,
    instanceId: null,
    clientId,
    host: '/127.0.0.1',
    partitions: 3,
    epoch: undefined,
    sessionTimeoutMs: known(10_000),
    rebalanceTimeoutMs: known(10_000),
  });
  const joined = { clientId: 'lab.balance-projector.4712', memberId: 'm-2', host: '/127.0.0.1' };
  return {
    groupId,
    role: undefined,
    type: known('classic'),
    state: known('Stable'),
    seenAtMs: plantedAtMs,
    stateSinceMs: plantedAtMs - 29_000,
    generation: known(7),
    assignmentEpoch: undefined,
    assignor: known('RoundRobinAssigner'),
    members: known([member('lab.balance-projector.4711'), member('lab.balance-projector.4712')]),
    events: [
      { kind: 'generation', atMs: plantedAtMs - 30_000, from: 6, to: 7, members: 2 },
      { kind: 'joined', atMs: plantedAtMs - 30_000, ...joined },
      { kind: 'state', atMs: plantedAtMs - 29_000, from: 'PreparingRebalance', to: 'Stable', lastedMs: 1_200 },
    ],
    lastMinute: 1,
    unstableMs: 1_200,
    returned: [],
    latest: undefined,
    rebalanceTimeouts: {},
    ...change,
  };
}

export const rebalancesOf = (...groups: readonly GroupRebalances[]): KafkaRebalances => ({
  groups,
  wholeCluster: false,
  missing: [],
  rpcs: { total: 5, mostOnOneBroker: 3, brokers: 3 },
  readMs: 8,
  watchedSinceMs: plantedAtMs - 60_000,
  round: 60,
  logNext: { offsets: {}, groupIds: [] },
  sessions: undefined,
});

/** As a coordinator that does not answer leaves it. */
export const unreadableGroup = (groupId: string): GroupRebalances => {
  const unknown = unknownPart<never>('its coordinator failed: ECONNREFUSED');
  return plantedRebalances(groupId, {
    type: unknown,
    state: unknown,
    generation: unknown,
    assignor: unknown,
    members: unknown,
    events: [],
    lastMinute: 0,
  });
};
