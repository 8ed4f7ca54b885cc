import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { snappyUncompress, snappyUncompressor } from 'hysnappy';
import { EngineError, messageOf } from '../errors.ts';
import { lz4Inflated } from './lz4-frame.ts';

/**
 * A record batch may not inflate beyond this. A broker takes batches of about a megabyte (message.max.bytes), as packed
 * as they come: a few kilobytes of zeros would otherwise fill our memory.
 */
export const inflatedBytesMax = 64 * 1024 * 1024;

/** By the low three bits of a batch's attributes (https://kafka.apache.org/documentation/#recordbatch). */
const codecs: readonly { readonly name: string; readonly inflate: (packed: Buffer, bytesMax: number) => Buffer }[] = [
  { name: 'none', inflate: (packed) => packed },
  { name: 'gzip', inflate: (packed, bytesMax) => zlib.gunzipSync(packed, { maxOutputLength: bytesMax }) },
  { name: 'snappy', inflate: snappyInflated },
  { name: 'lz4', inflate: lz4Inflated },
  { name: 'zstd', inflate: (packed, bytesMax) => zstdInflated(packed, bytesMax) },
];

/**
 * The records of a batch as they were before their producer packed them.
 * @param codec the low three bits of the batch's attributes.
 * @throws EngineError for a codec that does not exist or that this Node lacks, for bytes that are no such thing, and for
 * more than `bytesMax` bytes of them.
 */
export function inflated(packed: Buffer, codec: number, bytesMax = inflatedBytesMax): Buffer {
  const { name, inflate } = codecs[codec] ?? { name: `codec ${codec}`, inflate: unknownCodec };
  try {
    return inflate(packed, bytesMax);
  } catch (error) {
    const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    const why = isTooLarge ? tooLong(bytesMax) : messageOf(error);
    throw new EngineError('kafka', `a record batch of ${name} cannot be unpacked: ${why}`, { cause: error });
  }
}

const tooLong = (bytesMax: number): string => `it is longer than ${bytesMax} bytes`;

function unknownCodec(): never {
  throw new RangeError('Kafka knows no such compression');
}

/** @param node node:zlib, which has zstd from Node 22.15 and 23.8 on. */
export function zstdInflated(
  packed: Buffer,
  bytesMax: number,
  node: { readonly zstdDecompressSync?: typeof zlib.zstdDecompressSync } = zlib,
): Buffer {
  const { zstdDecompressSync } = node;
  if (zstdDecompressSync === undefined)
    throw new Error(`Node ${process.versions.node} has no zstd; 22.15 and later have`);
  return zstdDecompressSync(packed, { maxOutputLength: bytesMax });
}

/** What snappy-java's SnappyOutputStream, and so Kafka's Java client, begins with; two version numbers follow. */
const xerialMagic = Buffer.from('\x82SNAPPY\0', 'latin1');
const xerialHeaderBytes = xerialMagic.length + 8;
/** Blocks of up to this many bytes share one instance of the decoder, whose memory only grows. */
const sharedBytesMax = 1024 * 1024;
let shared: ReturnType<typeof snappyUncompressor> | undefined;

/** Both forms that a consumer of Kafka's accepts: one raw block, or xerial's many, each behind its length (int32). */
function snappyInflated(packed: Buffer, bytesMax: number): Buffer {
  if (!packed.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappyBlock(packed, 0, bytesMax);
  const blocks: Buffer[] = [];
  let bytes = 0;
  for (let at = xerialHeaderBytes; at < packed.length; ) {
    const start = at + 4;
    const end = start > packed.length ? start : start + packed.readInt32BE(at);
    if (end < start || end > packed.length) throw new RangeError('it is cut short');
    const block = snappyBlock(packed.subarray(start, end), bytes, bytesMax);
    blocks.push(block);
    bytes += block.length;
    at = end;
  }
  return Buffer.concat(blocks);
}

function snappyBlock(packed: Buffer, before: number, bytesMax: number): Buffer {
  const length = snappyLength(packed);
  if (before + length > bytesMax) throw new RangeError(tooLong(bytesMax));
  if (length > sharedBytesMax) return asBuffer(snappyUncompress(packed, length));
  shared ??= snappyUncompressor();
  try {
    return asBuffer(shared(packed, length));
  } catch (error) {
    shared = undefined; // whatever state it is in now
    throw error;
  }
}

/** A block says its length first (github.com/google/snappy, format_description.txt): a varint of at most 32 bits. */
function snappyLength(packed: Buffer): number {
  let length = 0;
  for (let at = 0; at < Math.min(5, packed.length); at++) {
    const byte = packed.readUInt8(at);
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80 && length < 2 ** 32) return length;
  }
  throw new RangeError('it does not say how long it is');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

interface KafkajsCompression {
  readonly Codecs: Record<number, () => KafkajsCodec>;
}

interface KafkajsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(packed: Buffer): Promise<Buffer>;
}

/** Gives kafkajs' consumers the same codecs; it brings gzip alone, and that without a limit. */
export function registerCodecs(): void {
  const require = createRequire(import.meta.url);
  const { Codecs } = require('kafkajs/src/protocol/message/compression') as KafkajsCompression;
  const gzip = require('kafkajs/src/protocol/message/compression/gzip') as KafkajsCodec;
  for (const [codec, { name }] of codecs.entries()) {
    if (name === 'none') continue;
    const compress = async (): Promise<Buffer> => {
      throw new EngineError('kafka', `labctl reads ${name} and does not write it`);
    };
    const registered = {
      compress: name === 'gzip' ? gzip.compress : compress,
      decompress: async (packed: Buffer) => inflated(packed, codec),
    };
    Codecs[codec] = () => registered;
  }
}
