import type { ByTopic, PartitionOffsets } from '../kafka/read-offsets.ts';
import type { KafkaReader } from '../kafka/reader.ts';
import type { Target } from '../target.ts';
import { type Progress, progressAfter, ratePerSecond, stillMs, waitedMs } from './group-progress.ts';
import { judgeGroupLag } from './kafka-group-lag-findings.ts';
import { kafkaCommand } from './native-commands.ts';
import type { Probe } from './probe.ts';
import { known, notMapped, type Part, type Total, total, UnknownValue, unknownPart } from './reading.ts';

export interface KafkaGroupLag {
  readonly groups: readonly GroupLag[];
}

export interface GroupLag {
  /** The role, as in the role map: `projector`. */
  readonly role: string;
  readonly groupId: string;
  readonly topic: string;
  /** Kafka's own word: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead. */
  readonly state: Part<string>;
  readonly members: Part<readonly GroupMember[]>;
  /** Unknown when nobody could say which partitions there are. */
  readonly partitions: Part<readonly PartitionLag[]>;
  /** Records between committed and high watermark, over all partitions. */
  readonly lag: Total;
  /** Since the previous reading, over the partitions known in both; undefined without one. */
  readonly perSecond: { readonly produced: number; readonly consumed: number } | undefined;
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
  readonly highWatermark: Part<bigint>;
  readonly lag: Part<bigint>;
  /** Client id of the member it is assigned to. */
  readonly clientId: string | undefined;
  /** How long records have waited at least, as far as the readings reach. */
  readonly waitedMs: number;
  /** How long nothing was committed although records wait. */
  readonly stillMs: number;
  /** What the next reading continues from. */
  readonly progress: Progress | undefined;
}

export const kafkaGroupLag: Probe<KafkaGroupLag> = {
  id: 'kafka.group-lag',
  title: { ko: '컨슈머 그룹 지연', en: 'Consumer group lag' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read({ kafka, roles }, { previous, nowMs }) {
    const groups = Object.entries(roles.groups).map(([role, { groupId, topic }]) => ({ role, groupId, topic }));
    if (groups.length === 0) throw new UnknownValue(notMapped);
    const read = await readCluster(kafka, groups);
    const elapsedMs = previous === undefined ? undefined : nowMs - previous.takenAtMs;
    return {
      groups: groups.map((group) => {
        const before = previous?.value.groups.find(({ role }) => role === group.role);
        return groupLag(group, read, { before, elapsedMs, nowMs });
      }),
    };
  },
  judge: judgeGroupLag,
  numbers({ groups }) {
    return Object.fromEntries(
      groups.filter(({ lag }) => lag.unknown === 0).map(({ role, lag }) => [`lag.${role}`, Number(lag.atLeast)]),
    );
  },
  rows({ groups }) {
    return [
      ['GROUP', 'STATE', 'PARTITION', 'COMMITTED', 'HIGH WATERMARK', 'LAG', 'MEMBER'],
      ...groups.flatMap((group) => [...partitionRows(group), totalRow(group)]),
    ];
  },
  verifyWith(target: Target) {
    return Object.values(target.roles.groups).map(({ groupId }) => ({
      command: kafkaCommand(target, 'kafka-consumer-groups', `--describe --group ${groupId}`),
      shows: {
        ko: '파티션마다 CURRENT-OFFSET, LOG-END-OFFSET(하이 워터마크), LAG',
        en: 'CURRENT-OFFSET, LOG-END-OFFSET (the high watermark) and LAG of each partition',
      },
    }));
  },
};

type GroupName = Pick<GroupLag, 'role' | 'groupId' | 'topic'>;

interface ClusterRead {
  readonly committed: Awaited<ReturnType<KafkaReader['committed']>>;
  readonly described: Awaited<ReturnType<KafkaReader['groups']>>;
  readonly offsets: ByTopic<PartitionOffsets<'logStart' | 'highWatermark'>>;
}

/** Committed offsets first, watermarks after: the other way round, a group that keeps up would be ahead of the log. */
async function readCluster(kafka: KafkaReader, groups: readonly GroupName[]): Promise<ClusterRead> {
  const groupIds = groups.map(({ groupId }) => groupId);
  const [committed, described] = await Promise.all([kafka.committed(groupIds), kafka.groups(groupIds)]);
  const topics = [...new Set(groups.map(({ topic }) => topic))];
  return { committed, described, offsets: await kafka.offsets(topics, ['logStart', 'highWatermark']) };
}

function groupLag(
  group: GroupName,
  read: ClusterRead,
  since: { readonly before: GroupLag | undefined; readonly elapsedMs: number | undefined; readonly nowMs: number },
): GroupLag {
  const described = read.described.get(group.groupId) ?? unknownPart('not in the answer');
  const members: GroupLag['members'] = described.known
    ? known(membersOf(described.value.members, group.topic))
    : described;
  const partitions = partitionsOf(group, read, {
    members: members.known ? members.value : [],
    before: since.before?.partitions,
    nowMs: since.nowMs,
  });
  return {
    ...group,
    state: described.known ? known(described.value.state) : described,
    members,
    partitions,
    // Not even the number of partitions is known: one unknown part stands for them.
    lag: total(partitions.known ? partitions.value.map(({ lag }) => lag) : [unknownPart(partitions.reason)]),
    perSecond: ratesOf(since.before?.partitions, partitions, since.elapsedMs),
  };
}

function membersOf(
  members: readonly (Pick<GroupMember, 'memberId' | 'clientId' | 'host'> & {
    readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  })[],
  topic: string,
): readonly GroupMember[] {
  return members.map(({ memberId, clientId, host, assignment }) => {
    const partitions = assignment
      .filter((assigned) => assigned.topic === topic)
      .flatMap((assigned) => assigned.partitions);
    return { memberId, clientId, host, partitions };
  });
}

function partitionsOf(
  { groupId, topic }: GroupName,
  read: ClusterRead,
  context: {
    readonly members: readonly GroupMember[];
    readonly before: GroupLag['partitions'] | undefined;
    readonly nowMs: number;
  },
): GroupLag['partitions'] {
  const offsets = read.offsets.get(topic) ?? unknownPart('not in the answer');
  if (!offsets.known) return offsets;
  const commits = read.committed.get(groupId) ?? unknownPart('not in the answer');
  return known(
    offsets.value.map(({ partition, leader, offsets: { logStart, highWatermark } }) => {
      const committed = commits.known ? (commits.value.get(topic)?.get(partition) ?? known(null)) : commits;
      const earlier = context.before?.known
        ? context.before.value.find((other) => other.partition === partition)
        : undefined;
      const position = positionOf(committed, logStart);
      // Unknown for a moment: what was remembered still holds when it is known again.
      const progress =
        position.known && highWatermark.known
          ? progressAfter(
              earlier?.progress,
              { committed: position.value, highWatermark: highWatermark.value },
              context.nowMs,
            )
          : earlier?.progress;
      return {
        partition,
        leader,
        committed,
        logStart,
        highWatermark,
        lag: lagOf(position, highWatermark),
        clientId: context.members.find(({ partitions }) => partitions.includes(partition))?.clientId,
        waitedMs: waitedMs(progress, context.nowMs),
        stillMs: stillMs(progress, context.nowMs),
        progress,
      };
    }),
  );
}

/** Where the group stands: what it committed, or the log start, from where it will begin. */
function positionOf(committed: Part<bigint | null>, logStart: Part<bigint>): Part<bigint> {
  if (!committed.known) return committed;
  return committed.value === null ? logStart : known(committed.value);
}

function lagOf(position: Part<bigint>, highWatermark: Part<bigint>): Part<bigint> {
  if (!position.known) return position;
  if (!highWatermark.known) return highWatermark;
  const lag = highWatermark.value - position.value;
  return known(lag > 0n ? lag : 0n);
}

function ratesOf(
  before: GroupLag['partitions'] | undefined,
  now: GroupLag['partitions'],
  elapsedMs: number | undefined,
): GroupLag['perSecond'] {
  if (before === undefined || !before.known || !now.known || elapsedMs === undefined || elapsedMs <= 0)
    return undefined;
  const pairs = now.value.flatMap((partition) => {
    const earlier = before.value.find((other) => other.partition === partition.partition);
    return earlier === undefined ? [] : [{ earlier, partition }];
  });
  const of = (read: (partition: PartitionLag) => Part<bigint>): number =>
    ratePerSecond(
      pairs.map(({ earlier, partition }) => ({ before: read(earlier), now: read(partition) })),
      elapsedMs,
    );
  return {
    produced: of(({ highWatermark }) => highWatermark),
    consumed: of(({ committed, logStart }) => positionOf(committed, logStart)),
  };
}

function partitionRows({ groupId, state, partitions }: GroupLag): readonly (readonly string[])[] {
  if (!partitions.known) return [];
  return partitions.value.map(({ partition, committed, highWatermark, lag, clientId }) => [
    groupId,
    cell(state),
    String(partition),
    committed.known && committed.value === null ? '-' : cell(committed),
    cell(highWatermark),
    cell(lag),
    clientId ?? '-',
  ]);
}

function totalRow({ groupId, state, lag, members }: GroupLag): readonly string[] {
  const sum =
    lag.unknown === 0 ? String(lag.atLeast) : `at least ${lag.atLeast} (${lag.unknown} of ${lag.parts} unknown)`;
  return [groupId, cell(state), 'all', '', '', sum, members.known ? `${members.value.length} members` : cell(members)];
}

function cell(part: Part<unknown>): string {
  return part.known ? String(part.value) : `? ${part.reason}`;
}
