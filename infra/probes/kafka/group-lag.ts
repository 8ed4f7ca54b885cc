import type { GroupList } from '../../kafka/read-groups.ts';
import { type Rpcs, rpcText } from '../../kafka/rpc-counter.ts';
import type { Target } from '../../target.ts';
import { kafkaCommand, quoted } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import type { Part, Total } from '../reading.ts';
import { judgeGroupLag } from './group-lag-findings.ts';
import type { PositionFacts } from './group-lag-position.ts';
import { readGroupLag } from './group-lag-read.ts';
import type { TopicRetention } from './group-lag-retention.ts';
import { groupLagRows } from './group-lag-rows.ts';
import type { Progress } from './group-progress.ts';

export interface KafkaGroupLag {
  /** One a group and topic. */
  readonly groups: readonly GroupLag[];
  /** No group is mapped: these are all groups of the cluster, with every topic that they have committed to. */
  readonly wholeCluster: boolean;
  /** Brokers whose groups may be missing above, with the reason; only of the whole cluster. */
  readonly missing: GroupList['missing'];
  readonly rpcs: Rpcs;
  readonly readMs: number;
  /** Readings since the list of groups was asked for. */
  readonly round: number;
  /** How long each topic keeps its records. */
  readonly retention: Readonly<Record<string, TopicRetention>>;
  /** Log starts move seldom: they are not asked for in each reading. */
  readonly logStartsReadAtMs: number;
}

export interface GroupLag {
  /** The role, as in the role map: `projector`. Of the whole cluster: the group's id, and its topic where it has several. */
  readonly role: string;
  readonly groupId: string;
  readonly topic: string;
  /** Kafka's own word: Stable, Empty, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Dead. */
  readonly state: Part<string>;
  readonly members: Part<readonly GroupMember[]>;
  /** Unknown when nobody could say which partitions there are. */
  readonly partitions: Part<readonly PartitionLag[]>;
  /** Records between position and high watermark, over all partitions. */
  readonly lag: Total;
  /** The same in three parts. */
  readonly readable: Total;
  readonly blocked: Total;
  readonly markers: Total;
  /** Since the previous reading, over the partitions known in both; undefined without one. */
  readonly perSecond: Rates | undefined;
  /** How long the readable part takes at these rates; null: it does not shrink; undefined: without rates. */
  readonly drainMs: number | null | undefined;
  /** The partition that has most of it, while there are at least three. */
  readonly hot: HotPartition | undefined;
}

export interface Rates {
  readonly produced: number;
  readonly consumed: number;
}

export interface HotPartition {
  readonly partition: number;
  readonly of: 'lag' | 'produced';
  /** 0 … 1. */
  readonly share: number;
}

export interface GroupMember {
  readonly memberId: string;
  /** `<scope>.<worker>.<pid>` for our workers. */
  readonly clientId: string;
  readonly host: string;
  /** Of this topic. */
  readonly partitions: readonly number[];
}

export interface PartitionLag {
  readonly partition: number;
  /** Node id of the leader; undefined: none. */
  readonly leader: number | undefined;
  /** null: the group has never committed here; everything from the log start on lies before it. */
  readonly committed: Part<bigint | null>;
  readonly logStart: Part<bigint>;
  /** What a reader of committed records can see up to. */
  readonly lastStable: Part<bigint>;
  readonly highWatermark: Part<bigint>;
  /** From where the group reads on (never before the log start) to the high watermark. */
  readonly lag: Part<bigint>;
  readonly split: Part<LagSplit>;
  /** Offsets that the group had not read and retention has deleted. */
  readonly lost: bigint;
  /** Offsets that are committed and do not exist: the log was cut off, or made anew. */
  readonly ahead: bigint;
  /** Of the offsets committed beyond the end, seen in so many readings in a row. */
  readonly aheadReadings: number;
  /** Client id of the member it is assigned to. */
  readonly clientId: string | undefined;
  readonly perSecond: Rates | undefined;
  /** How long records have waited at least, as far as the readings reach. */
  readonly waitedMs: number;
  /** How long nothing was committed although records wait. */
  readonly stillMs: number;
  /** Age of the oldest readable record by its own timestamp; null: there is none. */
  readonly timeLagMs: Part<number | null>;
  /** Until retention deletes the oldest unread record, at the earliest; null: never. */
  readonly deletedInMs: Part<number | null>;
  /** How long the last stable offset has stood below the high watermark, as far as readings and timestamps reach. */
  readonly blockedMs: number;
  /** What the next reading continues from. */
  readonly progress: Progress | undefined;
  readonly facts: PositionFacts | undefined;
  readonly watched: Watched;
}

/** A lag in three parts that add up to it. */
export interface LagSplit {
  /** Below the last stable offset: a consumer gets these. */
  readonly readable: bigint;
  /** Behind an open transaction: no reader of committed records gets these. */
  readonly blocked: bigint;
  /** Below the last stable offset, and only markers, aborted or compacted records: nobody will ever get these. */
  readonly markers: bigint;
}

/** Since when offsets stand as they do. */
export interface Watched {
  readonly logStart: { readonly offset: bigint; readonly atMs: number } | undefined;
  readonly lastStable: { readonly offset: bigint; readonly atMs: number } | undefined;
}

export const kafkaGroupLag: Probe<KafkaGroupLag> = {
  id: 'kafka.group-lag',
  title: { ko: '컨슈머 그룹 지연', en: 'Consumer group lag' },
  cost: 'tick',
  timeoutMs: 4_000,
  read: readGroupLag,
  judge: judgeGroupLag,
  numbers({ groups }) {
    return Object.fromEntries(
      groups.filter(({ lag }) => lag.unknown === 0).map(({ role, lag }) => [`lag.${role}`, Number(lag.atLeast)]),
    );
  },
  rows: groupLagRows,
  verifyWith(target: Target, { value } = {}) {
    const rpcs = value === undefined ? '' : ` · ${rpcText(value.rpcs)}`;
    const ids = [...new Set(Object.values(target.roles.groups).map(({ groupId }) => groupId))];
    const options = ids.length === 0 ? ['--all-groups'] : ids.map((groupId) => `--group ${quoted(groupId)}`);
    return options.map((option) => ({
      command: kafkaCommand(target, 'kafka-consumer-groups', `--describe ${option}`),
      shows: {
        ko: `파티션마다 CURRENT-OFFSET, LOG-END-OFFSET(하이 워터마크), LAG${rpcs}`,
        en: `CURRENT-OFFSET, LOG-END-OFFSET (the high watermark) and LAG of each partition${rpcs}`,
      },
    }));
  },
};
