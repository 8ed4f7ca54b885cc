import type { FetchedPartition } from '../../kafka/wire/fetch.ts';
import type { FetchedBatch, FetchedRecord } from '../../kafka/wire/record-batches.ts';

/** What stands in the log where a group reads on. */
export interface PositionFacts {
  /** Of the group, and the partition's ends, when it was looked at: it holds as long as these do. */
  readonly position: bigint;
  readonly lastStable: bigint;
  readonly highWatermark: bigint;
  readonly readAtMs: number;
  /** Timestamp of the first record that a reader of committed records will get; undefined: none was seen. */
  readonly oldestMs: number | undefined;
  /** Where that record stands. */
  readonly oldestAt: bigint | undefined;
  /** All up to the last stable offset was seen, and holds markers, aborted or compacted records only. */
  readonly nothingToRead: boolean;
  /** What holds back the last stable offset, where it was in reach. */
  readonly open: { readonly producerId: bigint; readonly sinceMs: number } | undefined;
}

/**
 * A record of a transaction is delivered if a commit marker of its producer is the next marker behind it. Below the last
 * stable offset every transaction has ended, but its marker may lie out of reach: then it is taken as one to read.
 */
export function factsAt(position: bigint, fetched: FetchedPartition, readAtMs: number): PositionFacts {
  const { lastStable, highWatermark } = fetched;
  const batches = fetched.batches.filter(({ lastOffset }) => lastOffset >= position);
  const below = batches.filter(({ baseOffset }) => baseOffset < lastStable);
  const oldest = oldestFrom(position, below, batches);
  const last = batches.at(-1);
  const seenAll = last !== undefined && last.lastOffset + 1n >= lastStable;
  const first = batches.find(({ baseOffset }) => baseOffset >= lastStable);
  return {
    position,
    lastStable,
    highWatermark,
    readAtMs,
    oldestMs: oldest?.timestampMs,
    oldestAt: oldest?.offset,
    nothingToRead: position < lastStable && seenAll && oldest === undefined,
    open:
      first?.isTransactional === true && first.marker === undefined
        ? { producerId: first.producerId, sinceMs: first.baseTimestampMs }
        : undefined,
  };
}

function isDelivered(batch: FetchedBatch, batches: readonly FetchedBatch[]): boolean {
  if (batch.marker !== undefined) return false;
  if (!batch.isTransactional) return true;
  const end = batches.find(
    ({ marker, producerId, baseOffset }) =>
      marker !== undefined && producerId === batch.producerId && baseOffset > batch.lastOffset,
  );
  return end?.marker !== 'abort';
}

/** Inflates no more batches than it must. */
function oldestFrom(
  position: bigint,
  below: readonly FetchedBatch[],
  batches: readonly FetchedBatch[],
): Waiting | undefined {
  for (const batch of below) {
    const first = isDelivered(batch, batches) ? firstFrom(batch, position) : undefined;
    if (first !== undefined) return first;
  }
  return undefined;
}

type Waiting = Pick<FetchedRecord, 'offset' | 'timestampMs'>;

/** More records than these are not unpacked for one of them: they were written within moments. */
const recordsMax = 20_000;

/** The batch's first record from `position` on; undefined where compaction left none. */
function firstFrom(batch: FetchedBatch, position: bigint): Waiting | undefined {
  const records = batch.recordCount > recordsMax ? undefined : batch.records();
  if (records?.known) return records.value.find(({ offset }) => offset >= position);
  // The time of its first record has to do.
  return { offset: batch.baseOffset > position ? batch.baseOffset : position, timestampMs: batch.baseTimestampMs };
}
