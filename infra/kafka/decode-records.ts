import { createRequire } from 'node:module';
import type { FetchedMessage } from './internal-cluster.ts';
import { recordOf, type ScannedRecord } from './scan.ts';

export interface DecodedRecords {
  readonly records: readonly ScannedRecord[];
  /** The first offset that the bytes say nothing about. */
  readonly next: bigint;
}

/**
 * Record batches as a Fetch brings them, decoded by kafkajs' own decoder; control records are left out. A batch that is
 * cut short at the end is left for the next fetch.
 * @throws kafkajs' error for a compression that it has no codec for (it has gzip alone).
 */
export async function decodeRecords(partition: number, bytes: Buffer): Promise<DecodedRecords> {
  const require = createRequire(import.meta.url);
  const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
    decoder: unknown,
  ) => Promise<readonly FetchedMessage[]>;
  const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => unknown;
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  const messages = await decodeMessages(new Decoder(Buffer.concat([size, bytes])));
  const records = messages.filter(({ isControlRecord }) => isControlRecord !== true);
  return { records: records.map((message) => recordOf(partition, message)), next: endOf(bytes) };
}

/** Of the batches that are whole: base offset, length, and the last offset delta 23 bytes in (record batch v2). */
const [lengthAt, deltaAt, headBytes] = [8, 23, 12];

function endOf(bytes: Buffer): bigint {
  let end = 0n;
  for (let at = 0; at + deltaAt + 4 <= bytes.length; ) {
    const batchBytes = headBytes + bytes.readInt32BE(at + lengthAt);
    if (at + batchBytes > bytes.length) break;
    end = bytes.readBigInt64BE(at) + BigInt(bytes.readInt32BE(at + deltaAt)) + 1n;
    at += batchBytes;
  }
  return end;
}
