import type { RecordPlace } from '../../kafka/read-records.ts';
import type { GroupLag, PartitionLag } from './group-lag.ts';
import { positionOf } from './group-lag-partition.ts';

type OfGroup = Pick<GroupLag, 'topic'>;

/**
 * The first record of a partition that the group has not read: where nobody has looked yet, the offset at which it reads
 * on, which may hold a marker; behind an open transaction the first one that is held back. Undefined where nothing waits,
 * or it is not known what does.
 */
export function firstWaiting({ topic }: OfGroup, partition: PartitionLag): RecordPlace | undefined {
  const { committed, logStart, lastStable, split, facts } = partition;
  const position = positionOf(committed, logStart);
  if (!position.known || !split.known) return undefined;
  const { readable, blocked, markers } = split.value;
  const at = (offset: bigint): RecordPlace => ({ topic, partition: partition.partition, offset });
  if (readable > 0n) return at(facts?.oldestAt ?? position.value);
  if (blocked > 0n)
    return at(lastStable.known && lastStable.value > position.value ? lastStable.value : position.value);
  return markers > 0n ? at(position.value) : undefined;
}

/** What a row of a partition is about: the first record that waits; where none does, the last one that the group took. */
export function placeOfPartition(group: OfGroup, partition: PartitionLag): RecordPlace | undefined {
  const waits = firstWaiting(group, partition);
  if (waits !== undefined) return waits;
  const { committed, logStart, split } = partition;
  const position = positionOf(committed, logStart);
  if (!split.known || !position.known || !logStart.known || position.value <= logStart.value) return undefined;
  return { topic: group.topic, partition: partition.partition, offset: position.value - 1n };
}

/** The same of a group: on the partition where most waits; where nothing does, on the one that it has read furthest. */
export function placeOfGroup({ topic, partitions }: GroupLag): RecordPlace | undefined {
  if (!partitions.known) return undefined;
  const most = mostWaiting(partitions.value);
  if (most !== undefined && waiting(most) > 0n) return placeOfPartition({ topic }, most);
  return partitions.value
    .flatMap((partition) => placeOfPartition({ topic }, partition) ?? [])
    .toSorted((left, right) => compare(right.offset, left.offset))[0];
}

/** Of several partitions the one with the most to read; of those that only wait, the one with most of that. */
export const mostWaiting = (partitions: readonly PartitionLag[]): PartitionLag | undefined =>
  partitions
    .filter(({ split }) => split.known)
    .toSorted((left, right) => compare(readable(right), readable(left)) || compare(waiting(right), waiting(left)))[0];

const readable = ({ split }: PartitionLag): bigint => (split.known ? split.value.readable : 0n);
const waiting = ({ lag }: PartitionLag): bigint => (lag.known ? lag.value : 0n);
const compare = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);
