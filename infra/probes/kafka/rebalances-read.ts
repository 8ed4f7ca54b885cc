import { systemClock } from '../../clock.ts';
import { EngineError } from '../../errors.ts';
import { firstLookRecords, type GroupLog, type GroupLogPosition, groupLogStart } from '../../kafka/read-group-log.ts';
import type { ByGroup, GroupDescription } from '../../kafka/read-groups.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import type { GenerationMember, GroupGeneration } from '../../kafka/wire/group-records.ts';
import type { Target } from '../../target.ts';
import type { ReadContext } from '../probe.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import { type GroupSessions, groupSessions } from './group-sessions.ts';
import { watchedGroups } from './groups-watched.ts';
import type { GroupRebalances, KafkaRebalances, RebalanceMember } from './rebalances.ts';
import {
  describedEvents,
  eventsMax,
  type GroupEvent,
  generationEvents,
  rebalancesInLastMinute,
  returnedClients,
  unstableMs,
} from './rebalances-timeline.ts';

/** @throws EngineError when no broker answers; UnknownValue where the target has no Kafka. */
export async function readRebalances(
  { kafka, roles }: Target,
  { previous, nowMs }: ReadContext<KafkaRebalances>,
): Promise<KafkaRebalances> {
  const startMs = systemClock.monotonic();
  const before = previous?.value;
  const { value, rpcs } = await kafka.counted(async () => {
    const watched = await watchedGroups(kafka, roles.groups, before);
    const [described, log] = await Promise.all([
      kafka.groups(watched.groupIds),
      logOf(kafka, watched.groupIds, before?.logNext ?? groupLogStart),
    ]);
    const managed = watched.groupIds.filter((groupId) => typeOf(described.get(groupId)) === 'consumer');
    const sessions = await groupSessions(kafka, managed, { before: before?.sessions, nowMs });
    const groups = watched.groupIds.map((groupId) =>
      groupRebalances(groupId, {
        described,
        log,
        sessions,
        nowMs,
        role: watched.roleOf(groupId),
        before: before?.groups.find((group) => group.groupId === groupId),
      }),
    );
    const { wholeCluster, missing, round } = watched;
    const watchedSinceMs = before?.watchedSinceMs ?? nowMs;
    return { groups, wholeCluster, missing, round, logNext: log.next, watchedSinceMs, sessions };
  });
  return { ...value, rpcs, readMs: Math.round(systemClock.monotonic() - startMs) };
}

/** The log is a help, not a must: without it, generations and timeouts are unknown. */
async function logOf(kafka: KafkaReader, groupIds: readonly string[], from: GroupLogPosition): Promise<GroupLog> {
  try {
    return await kafka.groupLog(groupIds, from);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { records: [], next: from, unread: new Map(groupIds.map((groupId) => [groupId, error.message])) };
  }
}

const typeOf = (described: Part<GroupDescription> | undefined): GroupDescription['type'] | undefined =>
  described?.known === true ? described.value.type : undefined;

interface GroupContext {
  readonly described: ByGroup<GroupDescription>;
  readonly log: GroupLog;
  readonly sessions: GroupSessions | undefined;
  readonly nowMs: number;
  readonly role: string | undefined;
  readonly before: GroupRebalances | undefined;
}

function groupRebalances(groupId: string, context: GroupContext): GroupRebalances {
  const { before, log, nowMs, role } = context;
  const described = context.described.get(groupId) ?? unknownPart<GroupDescription>('not in the answer');
  const told = log.records.filter((record) => record.kind === 'generation' && record.groupId === groupId);
  const generations = told as readonly GroupGeneration[];
  const latest = generations.at(-1) ?? before?.latest;
  const events = [...(before?.events ?? []), ...newEvents(described, generations, context)].slice(-eventsMax);
  const stateSinceMs = sinceOf(described, before, nowMs);
  const state = described.known ? described.value.state : 'Stable';
  const whyNot = log.unread.get(groupId) ?? notInLog;
  const rebalanceTimeouts = timeoutsAfter(before, groupId, log);
  const isManaged = described.known && described.value.type === 'consumer';
  const session = isManaged ? (context.sessions?.timeoutsMs[groupId] ?? unknownPart<number>('not read')) : undefined;
  return {
    groupId,
    role,
    type: described.known ? known(described.value.type) : described,
    state: described.known ? known(described.value.state) : described,
    seenAtMs: nowMs,
    stateSinceMs,
    generation: generationOf(described, latest, whyNot),
    assignmentEpoch: described.known ? described.value.epochs?.assignment : undefined,
    assignor: assignorOf(described),
    members: described.known
      ? known(described.value.members.map((one) => memberOf(one, { latest, whyNot, rebalanceTimeouts, session })))
      : described,
    events,
    lastMinute: rebalancesInLastMinute(events, nowMs),
    unstableMs: unstableMs(events, { state, sinceMs: stateSinceMs, nowMs }),
    returned: returnedClients(events, nowMs),
    latest,
    rebalanceTimeouts,
  };
}

/** As the log tells them, on top of what it told before. */
function timeoutsAfter(before: GroupRebalances | undefined, groupId: string, { records }: GroupLog) {
  const timeouts = { ...before?.rebalanceTimeouts };
  for (const record of records) {
    if (record.kind !== 'member' || record.groupId !== groupId) continue;
    if (record.rebalanceTimeoutMs === null) delete timeouts[record.memberId];
    else timeouts[record.memberId] = record.rebalanceTimeoutMs;
  }
  return timeouts;
}

const notInLog = `not among the latest ${firstLookRecords} records of its partition of __consumer_offsets`;

const stateOf = (group: GroupRebalances | undefined): string | undefined =>
  group?.state.known ? group.state.value : undefined;

/** Unknown for a moment: the state before is taken to have lasted. */
function sinceOf(described: Part<GroupDescription>, before: GroupRebalances | undefined, nowMs: number): number {
  if (before === undefined) return nowMs;
  return !described.known || described.value.state === stateOf(before) ? before.stateSinceMs : nowMs;
}

function newEvents(
  described: Part<GroupDescription>,
  generations: readonly GroupGeneration[],
  { before, log, nowMs }: GroupContext,
): readonly GroupEvent[] {
  let last = before?.latest;
  const told = generations.flatMap((generation) => {
    const events = generationEvents(last, generation);
    last = generation;
    return events;
  });
  if (!described.known) return told;
  const from = stateOf(before);
  const { state, type } = described.value;
  const changed =
    before !== undefined && from !== undefined && from !== state
      ? [{ kind: 'state' as const, atMs: nowMs, from, to: state, lastedMs: nowMs - before.stateSinceMs }]
      : [];
  const isLogged = type === 'classic' && last !== undefined && !log.unread.has(last.groupId);
  const seen = isLogged ? [] : describedEvents(membersBefore(before), described.value, nowMs);
  return [...told, ...seen, ...changed];
}

function membersBefore(before: GroupRebalances | undefined) {
  if (before === undefined || !before.members.known) return undefined;
  return { members: before.members.value, epoch: before.generation.known ? before.generation.value : undefined };
}

function generationOf(
  described: Part<GroupDescription>,
  latest: GroupGeneration | undefined,
  whyNot: string,
): Part<number> {
  if (!described.known) return described;
  if (described.value.epochs !== undefined) return known(described.value.epochs.group);
  return latest === undefined ? unknownPart(whyNot) : known(latest.generation);
}

function assignorOf(described: Part<GroupDescription>): Part<string> {
  if (!described.known) return described;
  return described.value.assignor === '' ? unknownPart('nothing is assigned') : known(described.value.assignor);
}

interface MemberContext {
  readonly latest: GroupGeneration | undefined;
  /** Why the log does not tell of a member. */
  readonly whyNot: string;
  readonly rebalanceTimeouts: Readonly<Record<string, number>>;
  /** Of a KIP-848 group, for all its members. */
  readonly session: Part<number> | undefined;
}

function memberOf(
  described: GroupDescription['members'][number],
  { latest, whyNot, rebalanceTimeouts, session }: MemberContext,
): RebalanceMember {
  const { memberId, instanceId, clientId, host, epoch, assignment } = described;
  const logged: GenerationMember | undefined = latest?.members.find((member) => member.memberId === memberId);
  const timeout = (ms: number | undefined): Part<number> =>
    ms === undefined || ms < 0 ? unknownPart(whyNot) : known(ms);
  return {
    memberId,
    instanceId,
    clientId,
    host,
    epoch,
    partitions: assignment.reduce((sum, { partitions }) => sum + partitions.length, 0),
    sessionTimeoutMs: session ?? timeout(logged?.sessionTimeoutMs),
    rebalanceTimeoutMs: timeout(rebalanceTimeouts[memberId] ?? logged?.rebalanceTimeoutMs),
  };
}
