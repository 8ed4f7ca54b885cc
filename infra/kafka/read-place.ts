import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import type { ScannedRecord } from './decode-records.ts';
import { fetchBatches } from './read-batches.ts';
import { readOffsets } from './read-offsets.ts';
import { type RecordPlace, readRecords } from './read-records.ts';
import { readProducers } from './read-transactions.ts';
import type { FetchedPartition, Isolation } from './wire/fetch.ts';
import type { FetchedBatch } from './wire/record-batches.ts';

/** What stands at one offset, and whether a consumer that reads committed is ever given it. */
export type PlaceSeen =
  | {
      readonly is: 'record';
      readonly record: ScannedRecord;
      /** Undefined: it was written outside of any. */
      readonly transaction: RecordTransaction | undefined;
      /** At or above the last stable offset: an open transaction, its own or another one, holds it back. */
      readonly isHeld: boolean;
    }
  /** How a transaction ended; `other` concerns none. No consumer is given it. */
  | {
      readonly is: 'marker';
      readonly marker: NonNullable<FetchedBatch['marker']>;
      readonly producerId: bigint;
      readonly timestampMs: number;
    }
  /** Within the log, and compaction has left nothing. */
  | { readonly is: 'removed' }
  /** Below the log start: retention, or whoever deleted records. */
  | { readonly is: 'deleted'; readonly logStart: bigint }
  /** Nobody can read it. Below the log end it is written and not yet replicated. */
  | { readonly is: 'beyond'; readonly highWatermark: bigint; readonly logEnd: Part<bigint> };

export interface RecordTransaction {
  readonly producerId: bigint;
  /** unknown: it has ended, and its marker is out of reach behind one that is still open. */
  readonly outcome: 'committed' | 'aborted' | 'open' | 'unknown';
}

const timeoutMs = 5_000;
const bytesMax = { partition: 64 * 1024, all: 64 * 1024 };

/** Joins no group. @returns unknown where its leader does not tell. @throws EngineError when no broker answers. */
export async function readPlace(brokers: Brokers, place: RecordPlace): Promise<Part<PlaceSeen>> {
  const [content] = await readRecords(brokers, [place], { keep: (record: ScannedRecord) => record, timeoutMs });
  if (content?.known !== true) return content ?? unknownPart('not in the answer');
  const { value } = content;
  if (value.status === 'expired') return known({ is: 'deleted', logStart: value.logStart });
  if (value.status === 'beyond')
    return known({ is: 'beyond', highWatermark: value.highWatermark, logEnd: (await leaderOf(brokers, place)).logEnd });
  const seen = await batchesAt(brokers, place);
  if (!seen.known) return seen;
  const { batches, isHeld } = seen.value;
  const batch = batches.find(({ baseOffset, lastOffset }) => baseOffset <= place.offset && place.offset <= lastOffset);
  if (batch?.marker !== undefined) {
    const { marker, producerId, baseTimestampMs } = batch;
    return known({ is: 'marker', marker, producerId, timestampMs: baseTimestampMs });
  }
  if (value.status === 'gap') return known({ is: 'removed' });
  // The record and its batch come from two fetches: without the batch nobody knows whether it is of a transaction.
  if (batch === undefined) return unknownPart('the log has moved meanwhile');
  const transaction = !batch.isTransactional
    ? undefined
    : { producerId: batch.producerId, outcome: await outcomeOf(brokers, place, { batch, ...seen.value }) };
  return known({ is: 'record', record: value.record, transaction, isHeld });
}

async function leaderOf(brokers: Brokers, { topic, partition }: RecordPlace) {
  const partitions = (await readOffsets(brokers, [topic], ['logEnd'])).get(topic);
  const found = partitions?.known ? partitions.value.find((one) => one.partition === partition) : undefined;
  return { leader: found?.leader, logEnd: found?.offsets.logEnd ?? unknownPart<bigint>('not in the answer') };
}

type Seen = Pick<FetchedPartition, 'batches' | 'aborted'> & { readonly isHeld: boolean };

/** Read committed, because only then is told what was aborted; what is held back shows uncommitted alone. */
async function batchesAt(brokers: Brokers, place: RecordPlace): Promise<Part<Seen>> {
  const { leader } = await leaderOf(brokers, place);
  if (leader === undefined) return unknownPart('the partition has no leader');
  const fetched = async (isolation: Isolation): Promise<Part<FetchedPartition>> => {
    const answers = await fetchBatches(brokers, [{ ...place, leader }], bytesMax, isolation);
    return answers.get(`${place.topic}/${place.partition}`) ?? unknownPart('not in the answer');
  };
  const committed = await fetched('committed');
  if (!committed.known) return committed;
  const { aborted, lastStable } = committed.value;
  if (place.offset < lastStable) return known({ batches: committed.value.batches, aborted, isHeld: false });
  const all = await fetched('uncommitted');
  return all.known ? known({ batches: all.value.batches, aborted, isHeld: true }) : all;
}

/** Below the last stable offset every transaction has ended, and the broker says which were aborted. */
async function outcomeOf(
  brokers: Brokers,
  { topic, partition, offset }: RecordPlace,
  { batch, batches, aborted, isHeld }: Seen & { readonly batch: FetchedBatch },
): Promise<RecordTransaction['outcome']> {
  const { producerId } = batch;
  const isIts = (one: { readonly producerId: bigint }): boolean => one.producerId === producerId;
  if (!isHeld) return aborted.some((one) => isIts(one) && one.firstOffset <= offset) ? 'aborted' : 'committed';
  const [told] = await readProducers(brokers, [{ topic, partitions: [partition] }]);
  const open = told?.producers.known ? told.producers.value.find(isIts) : undefined;
  if (open !== undefined && open.startOffset >= 0n && open.startOffset <= offset) return 'open';
  const end = batches.find((one) => one.marker !== undefined && isIts(one) && one.baseOffset > offset);
  return end?.marker === 'commit' ? 'committed' : end?.marker === 'abort' ? 'aborted' : 'unknown';
}
