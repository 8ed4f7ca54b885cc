import { systemClock } from '../../clock.ts';
import type { RoleMap } from '../../contract/role-map.ts';
import type { ByGroup, GroupCommits, GroupDescription } from '../../kafka/read-groups.ts';
import type { ByTopic } from '../../kafka/read-offsets.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import type { Target } from '../../target.ts';
import type { ReadContext } from '../probe.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import type { GroupLag, GroupMember, KafkaGroupLag, PartitionLag } from './group-lag.ts';
import { isDue, placeOf, readFacts, type WantedFacts } from './group-lag-facts.ts';
import { type LagOffsets, partitionLag, positionOf } from './group-lag-partition.ts';
import type { PositionFacts } from './group-lag-position.ts';
import { readRetention, retentionIsDue, type TopicRetention } from './group-lag-retention.ts';
import { readLogStarts } from './group-lag-starts.ts';
import { drainMs, hotPartition, ratesOfAll, totalsOf } from './group-lag-totals.ts';
import { watchedGroups } from './groups-watched.ts';

type Named = Pick<GroupLag, 'role' | 'groupId' | 'topic'>;

interface ClusterRead {
  readonly committed: ByGroup<GroupCommits>;
  readonly described: ByGroup<GroupDescription>;
  readonly offsets: ByTopic<LagOffsets>;
}

interface Since {
  readonly previous: KafkaGroupLag | undefined;
  readonly elapsedMs: number | undefined;
  readonly nowMs: number;
}

/** @throws EngineError when no broker answers; UnknownValue where the target has no Kafka. */
export async function readGroupLag(
  { kafka, roles }: Target,
  { previous, nowMs }: ReadContext<KafkaGroupLag>,
): Promise<KafkaGroupLag> {
  const startMs = systemClock.monotonic();
  const since: Since = {
    previous: previous?.value,
    elapsedMs: previous === undefined ? undefined : nowMs - previous.takenAtMs,
    nowMs,
  };
  const { value, rpcs } = await kafka.counted(() => readAll(kafka, roles, since));
  return { ...value, rpcs, readMs: Math.round(systemClock.monotonic() - startMs) };
}

async function readAll(
  kafka: KafkaReader,
  roles: RoleMap,
  since: Since,
): Promise<Omit<KafkaGroupLag, 'rpcs' | 'readMs'>> {
  const { previous } = since;
  const { groupIds, wholeCluster, missing, round, seen } = await watchedGroups(kafka, roles.groups, previous);
  const mapped = Object.entries(roles.groups).map(([role, { groupId, topic }]) => ({ role, groupId, topic }));
  // Committed offsets first, watermarks after: the other way round, a group that keeps up would be ahead of the log.
  const [committed, described] = await Promise.all([kafka.committed(groupIds), kafka.groups(groupIds)]);
  const named = wholeCluster ? namedFrom(groupIds, committed, previous) : mapped;
  const topics = [...new Set(named.map(({ topic }) => topic))];
  const placesRead = wholeCluster ? placesOf(committed, described) : undefined;
  const isRead = (topic: string, partition: number): boolean =>
    placesRead === undefined || placesRead.has(`${topic}/${partition}`);
  const cluster = seen ?? (await kafka.metadata(topics));
  const watermarks = await kafka.offsets(topics, ['lastStable', 'highWatermark'], cluster);
  const starts = await readLogStarts(kafka, watermarks, { ...since, cluster, isRead });
  const read: ClusterRead = { committed, described, offsets: starts.offsets };
  const wanted = named.flatMap((name) => wantedFacts(name, read, since));
  const isWanted = wanted.length > 0 && kafka.hasRoom();
  const facts = isWanted
    ? await kafka.pace.optionally(() => readFacts(kafka, wanted, since.nowMs))
    : new Map<string, PositionFacts>();
  const retention = await refreshedRetention(kafka, topics, since);
  const groups = named.map((name) => groupLag(name, read, { since, facts, retention, wholeCluster }));
  const { readAtMs: logStartsReadAtMs } = starts;
  return { groups, wholeCluster, missing, round, logStartsReadAtMs, retention: retention ?? {} };
}

/** Every topic that a group has committed to; those of the reading before where that cannot be told now. */
function namedFrom(
  groupIds: readonly string[],
  committed: ByGroup<GroupCommits>,
  previous: KafkaGroupLag | undefined,
): readonly Named[] {
  return groupIds.flatMap((groupId) => {
    const commits = committed.get(groupId);
    const topics = commits?.known
      ? [...commits.value.keys()].sort()
      : (previous?.groups.filter((group) => group.groupId === groupId).map(({ topic }) => topic) ?? []);
    return topics.map((topic) => ({ groupId, topic, role: topics.length === 1 ? groupId : `${groupId} ${topic}` }));
  });
}

/** Where a group has committed, or a member is to read. */
function placesOf(committed: ByGroup<GroupCommits>, described: ByGroup<GroupDescription>): ReadonlySet<string> {
  const places = (topic: string, partitions: Iterable<number>): readonly string[] =>
    [...partitions].map((partition) => `${topic}/${partition}`);
  const commits = [...committed.values()].flatMap((part) => (part.known ? [...part.value] : []));
  const members = [...described.values()].flatMap((part) => (part.known ? part.value.members : []));
  return new Set([
    ...commits.flatMap(([topic, partitions]) => places(topic, partitions.keys())),
    ...members.flatMap(({ assignment }) => assignment.flatMap((one) => places(one.topic, one.partitions))),
  ]);
}

const earlierOf = (previous: KafkaGroupLag | undefined, { groupId, topic }: Named): GroupLag | undefined =>
  previous?.groups.find((group) => group.groupId === groupId && group.topic === topic);

const committedAt = (read: ClusterRead, { groupId, topic }: Named, partition: number): Part<bigint | null> => {
  const commits = read.committed.get(groupId) ?? unknownPart('not in the answer');
  return commits.known ? (commits.value.get(topic)?.get(partition) ?? known(null)) : commits;
};

function wantedFacts(name: Named, read: ClusterRead, { previous, nowMs }: Since): readonly WantedFacts[] {
  const listed = read.offsets.get(name.topic);
  if (listed?.known !== true) return [];
  const before = earlierOf(previous, name)?.partitions;
  const earlier = new Map(before?.known ? before.value.map((one) => [one.partition, one] as const) : []);
  return listed.value.flatMap(({ partition, leader, offsets: { logStart, lastStable, highWatermark } }) => {
    const position = positionOf(committedAt(read, name, partition), logStart);
    if (leader === undefined || !position.known || !highWatermark.known || !lastStable.known) return [];
    const lag = highWatermark.value - position.value;
    const facts = earlier.get(partition)?.facts;
    if (lag <= 0n || !isDue(facts, position.value, lastStable.value, nowMs)) return [];
    const { topic } = name;
    const place = placeOf(name, partition);
    return [{ place, topic, partition, leader, offset: position.value, lag, lookedAtMs: facts?.readAtMs ?? 0 }];
  });
}

async function refreshedRetention(
  kafka: KafkaReader,
  topics: readonly string[],
  { previous, nowMs }: Since,
): Promise<KafkaGroupLag['retention'] | undefined> {
  const before = previous?.retention ?? {};
  const due = topics.filter((topic) => retentionIsDue(before[topic], nowMs));
  // What is not asked for now comes with another reading.
  if (due.length === 0 || !kafka.hasRoom()) return before;
  return { ...before, ...(await kafka.pace.optionally(() => readRetention(kafka, due, nowMs))) };
}

interface GroupContext {
  readonly since: Since;
  readonly facts: ReadonlyMap<string, PositionFacts>;
  readonly retention: Readonly<Record<string, TopicRetention>> | undefined;
  readonly wholeCluster: boolean;
}

function groupLag(name: Named, read: ClusterRead, context: GroupContext): GroupLag {
  const described = read.described.get(name.groupId) ?? unknownPart<GroupDescription>('not in the answer');
  const members = described.known ? known(membersOf(described.value.members, name.topic)) : described;
  const before = earlierOf(context.since.previous, name)?.partitions;
  const partitions = partitionsOf(name, read, { ...context, members: members.known ? members.value : [], before });
  const perSecond = ratesOfAll(before, partitions, context.since.elapsedMs);
  const totals = totalsOf(partitions);
  return {
    ...name,
    state: described.known ? known(described.value.state) : described,
    members,
    partitions,
    ...totals,
    perSecond,
    drainMs: drainMs(totals.readable, perSecond),
    hot: hotPartition(partitions),
  };
}

function membersOf(members: GroupDescription['members'], topic: string): readonly GroupMember[] {
  return members.map(({ memberId, clientId, host, assignment }) => {
    const partitions = assignment
      .filter((assigned) => assigned.topic === topic)
      .flatMap((assigned) => assigned.partitions);
    return { memberId, clientId, host, partitions };
  });
}

function partitionsOf(
  name: Named,
  read: ClusterRead,
  context: GroupContext & {
    readonly members: readonly GroupMember[];
    readonly before: GroupLag['partitions'] | undefined;
  },
): Part<readonly PartitionLag[]> {
  const listed = read.offsets.get(name.topic) ?? unknownPart<readonly LagOffsets[]>('not in the answer');
  if (!listed.known) return listed;
  const { members, wholeCluster, before, since } = context;
  const earlier = new Map(before?.known ? before.value.map((one) => [one.partition, one] as const) : []);
  const owned = new Set(members.flatMap(({ partitions }) => partitions));
  return known(
    listed.value.flatMap((one) => {
      const committed = committedAt(read, name, one.partition);
      const never = committed.known && committed.value === null;
      // Nobody said that this group has to read the whole topic.
      if (wholeCluster && never && !owned.has(one.partition)) return [];
      return [
        partitionLag(one, {
          committed: wholeCluster && never ? unknownPart('nothing committed yet') : committed,
          members,
          earlier: earlier.get(one.partition),
          facts: context.facts.get(placeOf(name, one.partition)),
          retention: context.retention?.[name.topic],
          elapsedMs: since.elapsedMs,
          nowMs: since.nowMs,
        }),
      ];
    }),
  );
}
