import { type Clock, systemClock } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { decodeRecords, type ScannedRecord, unreadableText } from './decode-records.ts';
import { type PartitionOffsets, readOffsets } from './read-offsets.ts';
import { type FetchedPartition, fetchFrom } from './wire/fetch.ts';
import type { BrokerLink } from './wire/link.ts';
import type { Metadata } from './wire/metadata.ts';
import { unknownFor } from './wire/request.ts';

export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What stands at one offset; of a record what the caller keeps of it. */
export type PlaceContent<Kept> =
  | { readonly status: 'found'; readonly record: Kept }
  /** Below the log start: retention has deleted it. */
  | { readonly status: 'expired'; readonly logStart: bigint }
  /** At or above the high watermark. */
  | { readonly status: 'beyond'; readonly highWatermark: bigint }
  /** Within the log, and no record: compacted away, or a control record. */
  | { readonly status: 'gap' };

export interface RecordsOptions<Kept> {
  /** What is wanted of a record; the rest is let go of. */
  readonly keep: (record: ScannedRecord) => Kept;
  /** For all of it; places not reached by then are unknown. Default 20,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** A broker gives at least one whole batch, however large; of more than that we want little. */
const partitionBytesMax = 64 * 1024;
const bytesMax = 1024 * 1024;
/** Fetches never make the small requests of probes wait: a broker serves a connection in order. */
const fetchPurpose = 'fetch';

interface Asked {
  readonly place: RecordPlace;
  /** Of the place in what was asked for. */
  readonly index: number;
}

/**
 * Reads back single records, joining no group: one request a leader at a time, each for all the partitions it leads; what
 * stands beside an asked record is looked at in passing.
 * @returns in the order of the places. What one broker cannot tell is unknown for its own places.
 * @throws EngineError when no broker answers; UnknownValue where the target has no Kafka.
 */
export async function readRecords<Kept>(
  brokers: Brokers,
  places: readonly RecordPlace[],
  { keep, timeoutMs = 20_000, signal, clock = systemClock }: RecordsOptions<Kept>,
): Promise<readonly Part<PlaceContent<Kept>>[]> {
  if (places.length === 0) return [];
  const topics = [...new Set(places.map(({ topic }) => topic))];
  const cluster = await brokers.metadata(topics);
  const ranges = await readOffsets(brokers, topics, ['logStart', 'highWatermark']);
  const contents = new Map<number, Part<PlaceContent<Kept>>>();
  const byLeader = new Map<number, Asked[]>();
  for (const [index, place] of places.entries()) {
    const range = rangeOf(place, ranges.get(place.topic) ?? unknownPart('not in the answer'));
    const outside = range.known ? outsideOf<Kept>(place, range.value) : range;
    if (outside !== undefined) contents.set(index, outside);
    else if (range.known) listIn(byLeader, range.value.leader ?? -1).push({ place, index });
  }
  const deadlineMs = clock.monotonic() + timeoutMs;
  const isOver = (): boolean => signal?.aborted === true || clock.monotonic() >= deadlineMs;
  await Promise.all(
    [...byLeader].map(async ([leader, asked]) => {
      try {
        await readFrom(linkTo(brokers, cluster, leader), asked, { keep, isOver, contents });
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        for (const { index } of asked) if (!contents.has(index)) contents.set(index, unknownPart(error.message));
      }
    }),
  );
  return places.map((_, index) => contents.get(index) ?? unknownPart('not reached in time'));
}

function listIn<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

type Range = PartitionOffsets<'logStart' | 'highWatermark'>;

function rangeOf({ partition }: RecordPlace, ranges: Part<readonly Range[]>): Part<Range> {
  if (!ranges.known) return ranges;
  const range = ranges.value.find((one) => one.partition === partition);
  return range === undefined ? unknownPart('there is no such partition') : known(range);
}

/** Undefined where the log has the offset, and its leader must be asked what stands there. */
function outsideOf<Kept>({ offset }: RecordPlace, { leader, offsets }: Range): Part<PlaceContent<Kept>> | undefined {
  const { logStart, highWatermark } = offsets;
  if (leader === undefined) return unknownPart('the partition has no leader');
  if (!logStart.known) return logStart;
  if (!highWatermark.known) return highWatermark;
  if (offset < logStart.value) return known({ status: 'expired', logStart: logStart.value });
  if (offset >= highWatermark.value) return known({ status: 'beyond', highWatermark: highWatermark.value });
  return undefined;
}

function linkTo(brokers: Brokers, cluster: Metadata, leader: number): BrokerLink {
  const broker = cluster.brokers.find(({ nodeId }) => nodeId === leader);
  if (broker === undefined) throw new EngineError('kafka', `broker ${leader} is not in the cluster now`);
  return brokers.link(`${broker.host}:${broker.port}`, fetchPurpose);
}

interface Reading<Kept> extends Pick<RecordsOptions<Kept>, 'keep'> {
  readonly isOver: () => boolean;
  readonly contents: Map<number, Part<PlaceContent<Kept>>>;
}

/**
 * Round by round: of each partition its lowest offset that is still open, and whatever else that brings along. Only to the
 * first partition of a request a broker gives a batch that is larger than the limit: such a one is asked for alone.
 */
async function readFrom<Kept>(link: BrokerLink, asked: readonly Asked[], reading: Reading<Kept>): Promise<void> {
  const queues = [...Map.groupBy(asked, ({ place }) => `${place.topic}/${place.partition}`).values()].map((queue) =>
    queue.toSorted((left, right) => (left.place.offset < right.place.offset ? -1 : 1)),
  );
  let tooLarge: Asked[] | undefined;
  while (!reading.isOver()) {
    const open =
      tooLarge === undefined ? queues.filter(({ length }) => length > 0).slice(0, partitionsAtOnce) : [tooLarge];
    if (open.length === 0) return;
    const heads = open.flatMap((queue) => queue.slice(0, 1));
    const answers = await link.ask(
      fetchFrom(
        heads.map(({ place }) => place),
        { partition: partitionBytesMax, all: bytesMax },
      ),
    );
    tooLarge = undefined;
    for (const [at, queue] of open.entries()) {
      const head = heads[at]?.place;
      const answer = answers.find(({ topic, partition }) => topic === head?.topic && partition === head.partition);
      const settled = settle(queue, answer, reading);
      if (settled === 0 && open.length > 1) tooLarge = queue;
      // At the end of a compacted log nothing stands behind the asked offset.
      else if (settled === 0)
        give(queue.splice(0, 1), unknownPart('the broker returned no record from there on'), reading);
      else queue.splice(0, settled);
    }
  }
}

function give<Kept>(asked: readonly Asked[], content: Part<PlaceContent<Kept>>, { contents }: Reading<Kept>): number {
  for (const { index } of asked) contents.set(index, content);
  return asked.length;
}

/** @returns how many of the queue's first places are settled now. */
function settle<Kept>(queue: readonly Asked[], answer: FetchedPartition | undefined, reading: Reading<Kept>): number {
  if (answer === undefined) return give(queue, unknownPart('not in the answer'), reading);
  // Retention passed the offset between the two requests, or a new leader's log is shorter: asked anew, one will show.
  if (answer.errorCode === outOfRange)
    return give(queue.slice(0, 1), unknownPart('the log has moved meanwhile'), reading);
  if (answer.errorCode !== 0) return give(queue, unknownFor(answer.errorCode), reading);
  try {
    const { records, unreadable, next } = decodeRecords(answer.partition, answer.records);
    const covered = queue.filter(({ place }) => place.offset < next);
    const byOffset = new Map(records.map((record) => [record.offset, record]));
    for (const { place, index } of covered) {
      const record = byOffset.get(place.offset);
      const hidden = unreadable.find(({ first, last }) => first <= place.offset && place.offset <= last);
      if (hidden !== undefined) reading.contents.set(index, unknownPart(unreadableText(hidden)));
      else if (record === undefined) reading.contents.set(index, known(gap));
      else reading.contents.set(index, known({ status: 'found', record: reading.keep(record) }));
    }
    return covered.length;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return give(queue, unknownPart(error.message), reading);
  }
}

const gap = { status: 'gap' } as const;
const outOfRange = 1;
const partitionsAtOnce = Math.floor(bytesMax / partitionBytesMax);
