import type { GroupLogPosition } from '../../kafka/read-group-log.ts';
import type { GroupList, GroupType } from '../../kafka/read-groups.ts';
import { type Rpcs, rpcText } from '../../kafka/rpc-counter.ts';
import type { GroupGeneration } from '../../kafka/wire/group-records.ts';
import type { Target } from '../../target.ts';
import { kafkaCommand, quoted } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import type { Part } from '../reading.ts';
import type { GroupSessions } from './group-sessions.ts';
import { judgeRebalances } from './rebalances-findings.ts';
import { readRebalances } from './rebalances-read.ts';
import { rebalanceRows } from './rebalances-rows.ts';
import type { GroupEvent } from './rebalances-timeline.ts';

export interface KafkaRebalances {
  readonly groups: readonly GroupRebalances[];
  readonly wholeCluster: boolean;
  readonly missing: GroupList['missing'];
  readonly rpcs: Rpcs;
  readonly readMs: number;
  /** When the first reading in a row was taken; the log of the coordinators may reach further back. */
  readonly watchedSinceMs: number;
  readonly round: number;
  /** Where the log is read on. */
  readonly logNext: GroupLogPosition;
  /** Of KIP-848 groups; undefined where there is none. */
  readonly sessions: GroupSessions | undefined;
}

export interface GroupRebalances {
  readonly groupId: string;
  /** As in the role map; undefined where none is mapped. */
  readonly role: string | undefined;
  /** classic: its members assign. consumer: the coordinator does (KIP-848). */
  readonly type: Part<GroupType>;
  readonly state: Part<string>;
  /** Of this reading. */
  readonly seenAtMs: number;
  /** Since when it has been seen in this state. */
  readonly stateSinceMs: number;
  /** Of a classic group its generation, else the group's epoch: one more for each rebalance. */
  readonly generation: Part<number>;
  /** KIP-848: the epoch that the members are moving to; undefined for classic groups. */
  readonly assignmentEpoch: number | undefined;
  readonly assignor: Part<string>;
  readonly members: Part<readonly RebalanceMember[]>;
  /** The latest last, at most `eventsMax`. */
  readonly events: readonly GroupEvent[];
  /** Rebalances that ended within the last minute. */
  readonly lastMinute: number;
  /** Of the last minute: how long the group was seen neither stable nor empty. */
  readonly unstableMs: number;
  /** Clients that left and came back as another member within five minutes: crashed, or thrown out. */
  readonly returned: readonly { readonly clientId: string; readonly times: number }[];
  /** The latest that the log has; what the next reading compares with. */
  readonly latest: GroupGeneration | undefined;
  /** KIP-848: what the log has told of each member's rebalance timeout, ms. */
  readonly rebalanceTimeouts: Readonly<Record<string, number>>;
}

export interface RebalanceMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: number;
  /** KIP-848. */
  readonly epoch: number | undefined;
  readonly sessionTimeoutMs: Part<number>;
  readonly rebalanceTimeoutMs: Part<number>;
}

export const kafkaRebalances: Probe<KafkaRebalances> = {
  id: 'kafka.rebalances',
  title: { ko: '리밸런스', en: 'Rebalances' },
  // What happened in between is in the log of the coordinators, with its time.
  cost: 'slow',
  timeoutMs: 10_000,
  read: readRebalances,
  judge: judgeRebalances,
  numbers({ groups }) {
    return { rebalances: groups.reduce((sum, { lastMinute }) => sum + lastMinute, 0) };
  },
  rows: rebalanceRows,
  verifyWith(target: Target, { value } = {}) {
    const rpcs = value === undefined ? '' : ` · ${rpcText(value.rpcs)}`;
    const ids = [...new Set(Object.values(target.roles.groups).map(({ groupId }) => groupId))];
    const options = ids.length === 0 ? ['--all-groups'] : ids.map((groupId) => `--group ${quoted(groupId)}`);
    return options.flatMap((option) => [
      {
        command: kafkaCommand(target, 'kafka-consumer-groups', `--describe --state --verbose ${option}`),
        shows: {
          ko: `STATE, ASSIGNMENT-STRATEGY, #MEMBERS, KIP-848 그룹은 GROUP-EPOCH${rpcs}`,
          en: `STATE, ASSIGNMENT-STRATEGY, #MEMBERS, and GROUP-EPOCH of a KIP-848 group${rpcs}`,
        },
      },
      {
        command: kafkaCommand(target, 'kafka-consumer-groups', `--describe --members --verbose ${option}`),
        shows: {
          ko: 'CONSUMER-ID, HOST, CLIENT-ID, #PARTITIONS, KIP-848 그룹은 CURRENT-EPOCH',
          en: 'CONSUMER-ID, HOST, CLIENT-ID, #PARTITIONS, and CURRENT-EPOCH of a KIP-848 group',
        },
      },
    ]);
  },
};
