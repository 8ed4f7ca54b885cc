import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type FetchAt, type FetchBytes, fetchBatches } from './read-batches.ts';
import { type PartitionOffsets, readOffsets } from './read-offsets.ts';
import type { FetchedPartition } from './wire/fetch.ts';
import { type GroupRecord, groupRecord, partitionOfGroup } from './wire/group-records.ts';

/** What the coordinators have written about groups since the last look. */
export interface GroupLog {
  /** Of the asked groups, each partition in its order. */
  readonly records: readonly GroupRecord[];
  /** Where to look on. */
  readonly next: GroupLogPosition;
  /** Groups of which nothing could be read, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
}

export interface GroupLogPosition {
  /** Partition of __consumer_offsets → offset. */
  readonly offsets: Readonly<Record<number, bigint>>;
  /** Who was asked about up to there: what was written about anybody else has been passed over. */
  readonly groupIds: readonly string[];
}

/** Of a first look. */
export const groupLogStart: GroupLogPosition = { offsets: {}, groupIds: [] };

const offsetsTopic = '__consumer_offsets';
/** A first look goes back so far; who falls behind by more than that skips what lies between. */
export const firstLookRecords = 20_000n;
const bytesMax = { partition: 256 * 1024, all: 2 * 1024 * 1024 };
/** Room for all of a first look: who asks but once must see up to the end. */
const firstBytesMax = { partition: 4 * 1024 * 1024, all: 16 * 1024 * 1024 };

/**
 * Reads __consumer_offsets as any reader may, joining no group: one request a leader, and two more each at the first look.
 * A group that was not asked about before is looked for from the beginning, wherever the others of its partition stand.
 * Needs READ on that topic. @param from what the look before returned. @throws EngineError when no broker answers.
 */
export async function readGroupLog(
  brokers: Brokers,
  groupIds: readonly string[],
  from: GroupLogPosition,
): Promise<GroupLog> {
  const seen = await brokers.metadata([offsetsTopic]);
  const count = seen.topics[0]?.partitions.length ?? 0;
  const byPartition = Map.groupBy(groupIds, (groupId) => partitionOfGroup(groupId, Math.max(1, count)));
  const before = new Set(from.groupIds);
  const isFirst = (partition: number): boolean =>
    from.offsets[partition] === undefined || byPartition.get(partition)?.some((id) => !before.has(id)) === true;
  const isNew = [...byPartition.keys()].some(isFirst);
  const kinds = isNew ? (['logStart', 'highWatermark'] as const) : [];
  const listed = (await readOffsets(brokers, [offsetsTopic], kinds, seen)).get(offsetsTopic);
  if (listed?.known !== true) {
    const reason = listed?.reason ?? 'not in the answer';
    return { records: [], next: from, unread: new Map(groupIds.map((groupId) => [groupId, reason])) };
  }
  const wanted = listed.value.filter(({ partition }) => byPartition.has(partition));
  const asked = wanted.flatMap((one) =>
    placeToRead(one, isFirst(one.partition) ? startOf(one) : (from.offsets[one.partition] ?? 0n)),
  );
  const fetched = await fetchTo(brokers, asked, { upTo: from.offsets, bytes: isNew ? firstBytesMax : bytesMax });
  const unread = new Map<string, string>();
  const next: Record<number, bigint> = { ...from.offsets };
  const askedAbout = new Set(groupIds);
  const records = wanted.flatMap(({ partition }) => {
    const part = fetched.get(`${offsetsTopic}/${partition}`) ?? unknownPart<FetchedPartition>('it has no leader');
    const groups = byPartition.get(partition) ?? [];
    const at = asked.find((one) => one.partition === partition)?.offset;
    const stoodAt = from.offsets[partition] ?? 0n;
    const after = nextOf(part, at);
    if (after === undefined) delete next[partition];
    else next[partition] = later(stoodAt, after); // nobody is told anything twice
    const read = part.known ? recordsOf(part.value) : part;
    if (!read.known) {
      for (const groupId of groups) {
        unread.set(groupId, read.reason);
        if (!before.has(groupId)) askedAbout.delete(groupId); // and is looked for from the beginning again
      }
      return [];
    }
    const mine = new Set(groups);
    // Of those that were asked about before, what is read again was told before.
    const isUntold = ({ record, offset }: PlacedRecord): boolean =>
      mine.has(record.groupId) && (!before.has(record.groupId) || offset >= stoodAt);
    return read.value.filter(isUntold).map(({ record }) => record);
  });
  return { records, next: { offsets: next, groupIds: [...askedAbout] }, unread };
}

const later = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Of a look back: more requests than this would hold up everybody else; what then lies between is skipped. */
const roundsMax = 6;

/** A look back goes on until it is where the look before ended. On a connection of its own: so much takes its time. */
async function fetchTo(
  brokers: Brokers,
  asked: readonly FetchAt[],
  { upTo, bytes }: { readonly upTo: GroupLogPosition['offsets']; readonly bytes: FetchBytes },
): Promise<ReadonlyMap<string, Part<FetchedPartition>>> {
  const all = new Map<string, Part<FetchedPartition>>();
  let rest = asked;
  for (let round = 0; round < roundsMax && rest.length > 0; round++) {
    for (const [name, part] of await fetchBatches(brokers, rest, bytes, 'uncommitted', 'group log')) {
      const before = all.get(name);
      const isMore = before?.known === true && part.known;
      const batches = isMore ? [...before.value.batches, ...part.value.batches] : [];
      all.set(name, isMore ? { ...part, value: { ...part.value, batches } } : part);
    }
    rest = rest.flatMap((at) => {
      const part = all.get(`${at.topic}/${at.partition}`);
      const last = part?.known === true ? part.value.batches.at(-1) : undefined;
      const isShort =
        last !== undefined && last.lastOffset >= at.offset && last.lastOffset + 1n < (upTo[at.partition] ?? 0n);
      return isShort ? [{ ...at, offset: last.lastOffset + 1n }] : [];
    });
  }
  return all;
}

type Listed = Partial<PartitionOffsets<'logStart' | 'highWatermark'>['offsets']>;

function startOf({ offsets }: { readonly offsets: Listed }): bigint {
  const { logStart, highWatermark } = offsets;
  const start = logStart?.known ? logStart.value : 0n;
  const recent = highWatermark?.known ? highWatermark.value - firstLookRecords : 0n;
  return later(recent, start);
}

function placeToRead(
  { partition, leader }: { readonly partition: number; readonly leader: number | undefined },
  offset: bigint,
): readonly FetchAt[] {
  return leader === undefined ? [] : [{ topic: offsetsTopic, partition, leader, offset }];
}

/** undefined: to be found anew, because the offset is gone or there was none. */
function nextOf(part: Part<FetchedPartition>, at: bigint | undefined): bigint | undefined {
  if (!part.known) return part.reason === 'OFFSET_OUT_OF_RANGE' ? undefined : at;
  const { batches, highWatermark } = part.value;
  const last = batches.at(-1);
  const after = last === undefined ? at : last.lastOffset + 1n;
  const recent = highWatermark - firstLookRecords;
  return after === undefined || after > recent ? after : recent;
}

interface PlacedRecord {
  readonly record: GroupRecord;
  readonly offset: bigint;
}

/** Unknown where one of the batches is: what it holds may be the latest of any group. */
function recordsOf({ batches }: FetchedPartition): Part<readonly PlacedRecord[]> {
  const records: PlacedRecord[] = [];
  for (const batch of batches) {
    if (batch.marker !== undefined) continue;
    const decoded = batch.records();
    if (!decoded.known) return decoded;
    for (const one of decoded.value) {
      const record = groupRecord(one);
      if (record !== undefined) records.push({ record, offset: one.offset });
    }
  }
  return known(records);
}
