import { WireReader } from './bytes.ts';
import type { WireRequest } from './request.ts';

export interface FetchedBatches {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly batches: readonly RecordBatch[];
}

/** What the header of a record batch tells; its records may be compressed and are not looked at. */
export interface RecordBatch {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly records: number;
  /** -1 for a producer that is neither idempotent nor transactional. */
  readonly producerId: bigint;
  readonly transactional: boolean;
  /** A marker that ends a transaction; `other` for control records that end none. */
  readonly control: 'commit' | 'abort' | 'other' | undefined;
}

export interface FetchFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Fetch v11, uncommitted and aborted records included: batches from each offset on, at most about `bytesMax` a partition.
 * Waits for nothing, joins no group, opens no session.
 */
export function fetchBatches(
  from: readonly FetchFrom[],
  { bytesMax }: { readonly bytesMax: number },
): WireRequest<readonly FetchedBatches[]> {
  return {
    apiKey: 1,
    apiVersion: 11,
    apiName: 'Fetch',
    flexible: false,
    encode(body) {
      body.int32(-1).int32(0).int32(0); // an ordinary consumer; no waiting
      body.int32(bytesMax * from.length).int8(0); // read_uncommitted
      body.int32(0).int32(-1); // no session
      body.array(from, ({ topic, partition, offset }) => {
        body.string(topic).array([partition], (one) => {
          body.int32(one).int32(-1).int64(offset).int64(-1n).int32(bytesMax);
        });
      });
      body.array([], () => {}).string('');
    },
    decode(body) {
      body.int32(); // throttle time
      body.int16(); // error of the session
      body.int32(); // session
      const topics = body.array(() => {
        const topic = body.string();
        return body.array(() => {
          const partition = body.int32();
          const errorCode = body.int16();
          body.int64(); // high watermark
          body.int64(); // last stable offset
          body.int64(); // log start
          body.array(() => [body.int64(), body.int64()]); // aborted transactions: told only to those who read committed
          body.int32(); // preferred replica
          return { topic, partition, errorCode, batches: batchesIn(body.byteString()) };
        });
      });
      return topics.flat();
    },
  };
}

/** Base offset and length stand before what the length counts. */
const lengthEnd = 12;

/** Record batches v2 (https://kafka.apache.org/documentation/#recordbatch). The last one may be cut short: it is left out. */
function batchesIn(bytes: Buffer): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + lengthEnd <= bytes.length; ) {
    const end = at + lengthEnd + bytes.readInt32BE(at + 8);
    if (end > bytes.length) break;
    const batch = batchOf(new WireReader(bytes.subarray(at, end)));
    if (batch !== undefined) batches.push(batch);
    at = end;
  }
  return batches;
}

/** @returns undefined for the formats before Kafka 0.11, which know no transactions. */
function batchOf(reader: WireReader): RecordBatch | undefined {
  const baseOffset = reader.int64();
  reader.int32(); // length
  reader.int32(); // leader epoch
  if (reader.int8() !== 2) return undefined;
  reader.int32(); // checksum
  const attributes = reader.int16();
  const lastOffset = baseOffset + BigInt(reader.int32());
  reader.int64(); // base timestamp
  reader.int64(); // newest timestamp
  const producerId = reader.int64();
  reader.int16(); // producer epoch
  reader.int32(); // base sequence
  const records = reader.int32();
  const isControl = (attributes & 0x20) !== 0;
  return {
    baseOffset,
    lastOffset,
    records,
    producerId,
    transactional: (attributes & 0x10) !== 0,
    control: isControl ? markerIn(reader) : undefined,
  };
}

/** A control record's key is its version and its type: 0 abort, 1 commit. */
function markerIn(reader: WireReader): RecordBatch['control'] {
  reader.unsignedVarint(); // length
  reader.int8(); // attributes
  reader.unsignedVarint(); // timestamp delta
  reader.unsignedVarint(); // offset delta
  reader.unsignedVarint(); // length of the key
  reader.int16(); // version
  const type = reader.int16();
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other';
}
