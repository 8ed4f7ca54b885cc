import { gunzipSync } from 'node:zlib';
import { WireReader } from './bytes.ts';

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
  /** Undefined where they are compressed by what Node cannot inflate. */
  records(): readonly FetchedRecord[] | undefined;
}

export interface FetchedRecord {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer;
  /** null: a tombstone. */
  readonly value: Buffer | null;
}

/** Bytes before the records; a batch says its length behind the first twelve of them. */
const headerBytes = 61;
const lengthEnds = 12;

/** Every whole batch; a last one that was cut short is left out, and so is what an older format than 2 holds. */
export function fetchedBatches(bytes: Buffer): readonly FetchedBatch[] {
  const batches: FetchedBatch[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const end = at + lengthEnds + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + headerBytes) break;
    const batch = batchOf(bytes.subarray(at, end));
    if (batch !== undefined) batches.push(batch);
    at = end;
  }
  return batches;
}

function batchOf(bytes: Buffer): FetchedBatch | undefined {
  const magic = bytes.readInt8(16);
  if (magic !== 2) return undefined;
  const attributes = bytes.readInt16BE(21);
  const baseOffset = bytes.readBigInt64BE(0);
  const baseTimestampMs = Number(bytes.readBigInt64BE(27));
  const maxTimestampMs = Number(bytes.readBigInt64BE(35));
  const appendTime = (attributes & 0x08) !== 0;
  const records = (): readonly FetchedRecord[] | undefined => {
    const plain = inflated(bytes.subarray(headerBytes), attributes & 0x07);
    if (plain === undefined) return undefined;
    const reader = new WireReader(plain);
    const count = bytes.readInt32BE(57);
    return Array.from({ length: count }, () => {
      const { offsetDelta, timestampDelta, key, value } = recordOf(reader);
      return {
        offset: baseOffset + offsetDelta,
        timestampMs: appendTime ? maxTimestampMs : baseTimestampMs + Number(timestampDelta),
        key,
        value,
      };
    });
  };
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(bytes.readInt32BE(23)),
    baseTimestampMs,
    maxTimestampMs,
    recordCount: bytes.readInt32BE(57),
    producerId: bytes.readBigInt64BE(43),
    isTransactional: (attributes & 0x10) !== 0,
    marker: (attributes & 0x20) === 0 ? undefined : markerOf(records()),
    records,
  };
}

/** 0: none, 1: gzip; snappy, lz4 and zstd are left packed. */
function inflated(bytes: Buffer, compression: number): Buffer | undefined {
  if (compression === 0) return bytes;
  return compression === 1 ? gunzipSync(bytes) : undefined;
}

function recordOf(reader: WireReader) {
  reader.varint(); // length
  reader.int8(); // attributes
  const timestampDelta = reader.varint();
  const offsetDelta = reader.varint();
  const key = reader.bytes(Number(reader.varint()));
  const valueLength = Number(reader.varint());
  const value = valueLength < 0 ? null : reader.bytes(valueLength);
  for (let headers = Number(reader.varint()); headers > 0; headers--) {
    reader.bytes(Number(reader.varint()));
    reader.bytes(Number(reader.varint()));
  }
  return { timestampDelta, offsetDelta, key, value };
}

/** The key of a control record: version, type; 0 aborts, 1 commits, others concern no transaction. */
function markerOf(records: readonly FetchedRecord[] | undefined): FetchedBatch['marker'] {
  const key = records?.[0]?.key;
  if (key === undefined || key.length < 4) return 'other';
  return ({ 0: 'abort', 1: 'commit' } as const)[key.readInt16BE(2)] ?? 'other';
}
