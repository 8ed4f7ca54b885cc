import type { WireHeaders } from '../../contract/headers.ts';
import { EngineError } from '../../errors.ts';
import { known, type Part, unknownPart } from '../../probes/reading.ts';
import { inflated, inflatedBytesMax } from '../codecs.ts';
import { WireReader } from './bytes.ts';
import { crc32c } from './crc32c.ts';

/** A record batch of format 2 (https://kafka.apache.org/documentation/#recordbatch). */
export interface FetchedBatch {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** Of its first record. */
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly recordCount: number;
  /** -1 for a producer that is neither idempotent nor transactional. */
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  /** A control batch holds one marker: how a transaction ended. */
  readonly marker: 'commit' | 'abort' | 'other' | undefined;
  /** Inflated and decoded anew each time. Unknown where they are damaged, or more than fit in `inflatedBytesMax`. */
  records(): Part<readonly FetchedRecord[]>;
}

export interface FetchedRecord {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  /** null: a tombstone. */
  readonly value: Buffer | null;
  readonly headers: WireHeaders;
}

/** The records of a batch with what they hold in memory. */
export interface UnpackedRecords {
  readonly records: readonly FetchedRecord[];
  /** Of the inflated batch, which each record keeps whole, and of its headers. */
  readonly heldBytes: number;
}

/** What each entry of a log is, in every format: base offset, length of what follows, magic at byte 16, the rest. */
export interface LogEntry {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** Undefined: of an older format than 2, which Kafka 0.10 and older wrote, or shorter than a batch can be. */
  readonly batch: (FetchedBatch & { unpacked(): Part<UnpackedRecords> }) | undefined;
}

/** Bytes before a batch's records, up to the end of an entry's length, and of the shortest entry of any format. */
const [headerBytes, lengthEnds, entryBytesMin] = [61, 12, 17];
/** A batch's checksum stands before its attributes, and is of all from there on. */
const attributesAt = 21;
/** A batch of a megabyte holds some ten thousands. */
const recordsMax = 500_000;
/** A header takes two bytes and more of a batch, and some fifty times as much in memory. */
const headersMax = { record: 10_000, batch: 500_000 };
const heldByHeader = 100;

/**
 * Every whole batch; a last one that was cut short is left out, and so is what an older format than 2 holds, and
 * whatever stands behind something that is no entry of a log.
 */
export function fetchedBatches(bytes: Buffer): readonly FetchedBatch[] {
  const batches: FetchedBatch[] = [];
  for (const entry of logEntries(bytes)) {
    if (entry === undefined) break;
    if (entry.batch !== undefined) batches.push(entry.batch);
  }
  return batches;
}

/** Every whole entry. Ends with undefined at something that is none. */
export function* logEntries(bytes: Buffer): Generator<LogEntry | undefined, void> {
  let at = 0;
  while (at + lengthEnds <= bytes.length) {
    const end = at + lengthEnds + bytes.readInt32BE(at + 8);
    if (end > bytes.length) return;
    if (end < at + entryBytesMin) return yield undefined;
    const entry = bytes.subarray(at, end);
    const [baseOffset, batch] = [entry.readBigInt64BE(0), batchOf(entry)];
    yield { baseOffset, lastOffset: batch?.lastOffset ?? baseOffset, batch };
    at = end;
  }
}

function batchOf(bytes: Buffer): LogEntry['batch'] {
  const magic = bytes.readInt8(16);
  if (magic !== 2 || bytes.length < headerBytes) return undefined;
  const attributes = bytes.readInt16BE(attributesAt);
  const unpacked = (): Part<UnpackedRecords> => unpackedOf(bytes, attributes);
  const records = (): Part<readonly FetchedRecord[]> => {
    const part = unpacked();
    return part.known ? known(part.value.records) : part;
  };
  return {
    baseOffset: bytes.readBigInt64BE(0),
    lastOffset: bytes.readBigInt64BE(0) + BigInt(bytes.readInt32BE(23)),
    baseTimestampMs: Number(bytes.readBigInt64BE(27)),
    maxTimestampMs: Number(bytes.readBigInt64BE(35)),
    recordCount: bytes.readInt32BE(57),
    producerId: bytes.readBigInt64BE(43),
    isTransactional: (attributes & 0x10) !== 0,
    marker: (attributes & 0x20) === 0 ? undefined : markerOf(records()),
    records,
    unpacked,
  };
}

function unpackedOf(bytes: Buffer, attributes: number): Part<UnpackedRecords> {
  if (crc32c(bytes.subarray(attributesAt)) !== bytes.readUInt32BE(attributesAt - 4))
    return unknownPart('a record batch is damaged: its checksum does not match');
  const count = bytes.readInt32BE(57);
  if (count > recordsMax) return unknownPart(`a record batch of ${count} records is not looked into`);
  if (count <= 0) return known({ records: [], heldBytes: 0 }); // compaction keeps a batch's header
  const baseOffset = bytes.readBigInt64BE(0);
  const [baseMs, maxMs] = [Number(bytes.readBigInt64BE(27)), Number(bytes.readBigInt64BE(35))];
  const isAppendTime = (attributes & 0x08) !== 0;
  try {
    const content = inflated(bytes.subarray(headerBytes), attributes & 0x07, inflatedBytesMax);
    const reader = new WireReader(content);
    const records: FetchedRecord[] = [];
    let headers = 0;
    while (records.length < count) {
      const { offsetDelta, timestampDelta, headerCount, ...record } = recordOf(reader);
      headers += headerCount;
      if (headers > headersMax.batch) throw tooMany(`more than ${headersMax.batch} headers`);
      const timestampMs = isAppendTime ? maxMs : baseMs + timestampDelta;
      records.push({ offset: baseOffset + BigInt(offsetDelta), timestampMs, ...record });
    }
    return known({ records, heldBytes: content.length + headers * heldByHeader });
  } catch (error) {
    if (error instanceof EngineError) return unknownPart(error.message);
    if (error instanceof RangeError) return unknownPart(`a record batch is damaged: ${error.message}`);
    throw error;
  }
}

function recordOf(reader: WireReader) {
  reader.varint(); // length
  reader.int8(); // attributes
  const timestampDelta = reader.varint();
  const offsetDelta = reader.varint();
  const key = bytesOf(reader);
  const value = bytesOf(reader);
  const headerCount = Math.max(reader.varint(), 0);
  if (headerCount > headersMax.record) throw tooMany(`${headerCount} headers in one record`);
  return { timestampDelta, offsetDelta, key, value, headerCount, headers: headersOf(reader, headerCount) };
}

function tooMany(what: string): EngineError {
  return new EngineError('kafka', `a record batch with ${what} is not looked into`);
}

function headersOf(reader: WireReader, count: number): WireHeaders {
  const headers: Record<string, Buffer | Buffer[] | null> = Object.create(null); // a header may be named __proto__
  for (let left = count; left > 0; left--) {
    const name = reader.bytes(reader.varint()).toString();
    const value = bytesOf(reader);
    const before = headers[name];
    if (before == null) headers[name] = value;
    else if (!Array.isArray(before)) headers[name] = value === null ? [before] : [before, value];
    else if (value !== null) before.push(value);
  }
  return headers;
}

function bytesOf(reader: WireReader): Buffer | null {
  const length = reader.varint();
  return length < 0 ? null : reader.bytes(length);
}

/** The key of a control record: version, type; 0 aborts, 1 commits, others concern no transaction. */
function markerOf(records: Part<readonly FetchedRecord[]>): FetchedBatch['marker'] {
  const key = records.known ? records.value[0]?.key : undefined;
  if (key == null || key.length < 4) return 'other';
  return ({ 0: 'abort', 1: 'commit' } as const)[key.readInt16BE(2)] ?? 'other';
}
