import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import { type FetchedRecord, type LogEntry, logEntries, type UnpackedRecords } from './wire/record-batches.ts';

export interface ScannedRecord extends FetchedRecord {
  readonly partition: number;
}

export interface DecodedRecords {
  /** In the order of their offsets. */
  readonly records: readonly ScannedRecord[];
  /** What is there and cannot be read. */
  readonly unreadable: readonly Unreadable[];
  /** The first offset that nothing has been said about; 0 when the bytes hold no whole batch. */
  readonly next: bigint;
}

export interface Unreadable {
  readonly first: bigint;
  readonly last: bigint;
  readonly reason: string;
}

/** Of one fetch, give or take a batch: a few kilobytes that were packed well may hold far more than is wanted at once. */
const recordsMax = 100_000;
const bytesMax = 64 * 1024 * 1024;

/**
 * Record batches as a Fetch brings them, in each of Kafka's compressions (codecs.ts); control records are left out. A batch
 * that is damaged, inflates too far, or is packed by what this Node lacks hides its own offsets and no others; what Kafka
 * 0.10 and older wrote hides those before it too, as far as no other entry stands there. Left for the next fetch: a batch
 * that is cut short, and what is too much for one go.
 * @throws EngineError for bytes that are no record batches at all.
 */
export function decodeRecords(partition: number, bytes: Buffer): DecodedRecords {
  const records: ScannedRecord[] = [];
  const unreadable: Unreadable[] = [];
  let next = 0n;
  let heldBytes = 0;
  for (const entry of logEntries(bytes)) {
    if (entry === undefined) throw new EngineError('kafka', 'what the broker sent is no record batch');
    if (records.length >= recordsMax || heldBytes >= bytesMax) break;
    const read = recordsIn(entry);
    const first = firstOf(entry, next);
    next = entry.lastOffset + 1n;
    if (read.known) {
      for (const record of read.value.records) records.push({ partition, ...record });
      heldBytes += read.value.heldBytes;
    } else unreadable.push({ first, last: entry.lastOffset, reason: read.reason });
  }
  return { records, unreadable, next };
}

/**
 * An entry of an older format may be several messages packed into one, which has the offset of the last of them: whatever
 * has not been told of before it may stand in it (https://kafka.apache.org/documentation/#messageset).
 */
function firstOf({ baseOffset, batch }: LogEntry, next: bigint): bigint {
  return batch === undefined && next < baseOffset ? next : baseOffset;
}

function recordsIn({ batch }: LogEntry): Part<UnpackedRecords> {
  if (batch === undefined) return unknownPart('of a format that Kafka 0.10 and older wrote');
  return batch.marker === undefined ? batch.unpacked() : known({ records: [], heldBytes: 0 });
}

/** The reason for a reader, with the offsets that it hides. */
export function unreadableText({ first, last, reason }: Unreadable): string {
  return `${first === last ? `offset ${first}` : `offsets ${first} to ${last}`}: ${reason}`;
}
