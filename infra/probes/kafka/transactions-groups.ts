import { EngineError } from '../../errors.ts';
import type { ByGroup, GroupCommits } from '../../kafka/read-groups.ts';
import type { Target } from '../../target.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import { isConsumerGroup } from './groups-watched.ts';
import type { Gap, HeldPartition, WaitingGroup } from './transactions-held.ts';

/** Of a cluster that nobody has mapped, so many groups are looked at. */
const groupsMax = 1_000;

/** Who waits behind the partitions that are held, by partition; asked only while there are such. */
export async function groupsAt(target: Target, gaps: readonly Gap[]): Promise<(gap: Gap) => HeldPartition['groups']> {
  try {
    const isMapped = Object.keys(target.roles.groups).length > 0;
    return isMapped ? await mappedAt(target, gaps) : await anyAt(target);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return () => unknownPart(error.message);
  }
}

async function mappedAt({ kafka, roles }: Target, gaps: readonly Gap[]): ReturnType<typeof groupsAt> {
  const reading = Object.values(roles.groups).filter(({ topic }) => gaps.some((gap) => gap.topic === topic));
  const commits = await kafka.committed(reading.map(({ groupId }) => groupId));
  return (gap) => {
    const ofTopic = reading.filter(({ topic }) => topic === gap.topic);
    if (ofTopic.length === 0) return unknownPart('no group of the role map reads it');
    return known(ofTopic.map(({ groupId }) => waitingAt(groupId, committedAt(commits, groupId, gap), gap)));
  };
}

/** Nobody said who reads what: whoever has committed there does. */
async function anyAt({ kafka }: Target): ReturnType<typeof groupsAt> {
  const { groups, missing } = await kafka.listGroups(await kafka.metadata([]));
  const groupIds = groups.filter(isConsumerGroup).map(({ groupId }) => groupId);
  const commits = await kafka.committed(groupIds.slice(0, groupsMax));
  const [silent] = missing;
  const unread = [...commits.values()].find((part) => !part.known);
  const doubt =
    silent?.reason ??
    (unread?.known === false ? unread.reason : undefined) ??
    (groupIds.length > groupsMax ? `only ${groupsMax} of ${groupIds.length} groups were looked at` : undefined);
  return (gap) => {
    const waiting = [...commits.keys()].flatMap((groupId) => {
      const committed = committedAt(commits, groupId, gap);
      return committed.known && committed.value !== null ? [waitingAt(groupId, committed, gap)] : [];
    });
    return waiting.length === 0 && doubt !== undefined ? unknownPart(doubt) : known(waiting);
  };
}

function committedAt(
  commits: ByGroup<GroupCommits>,
  groupId: string,
  { topic, partition }: Pick<Gap, 'topic' | 'partition'>,
): Part<bigint | null> {
  const all = commits.get(groupId) ?? unknownPart('not in the answer');
  return all.known ? (all.value.get(topic)?.get(partition) ?? known(null)) : all;
}

function waitingAt(
  groupId: string,
  committed: Part<bigint | null>,
  { lastStable, highWatermark }: Pick<Gap, 'lastStable' | 'highWatermark'>,
): WaitingGroup {
  if (!committed.known) return { groupId, committed, waits: committed };
  const hasGonePast = committed.value !== null && committed.value > lastStable;
  return { groupId, committed, waits: known(hasGonePast ? 0n : highWatermark - lastStable) };
}
