import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { snappyCompress } from 'hysnappy';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../errors.ts';
import { inLz4Frames, lz4Frames } from '../testing/packed-batches.ts';
import { inflated, registerCodecs, zstdInflated } from './codecs.ts';

const [gzip, snappy, lz4, zstd] = [1, 2, 3, 4];
const text = Buffer.from('one record and another '.repeat(5_000));

test('gzip, zstd, snappy in one raw block, and none', () => {
  expect(inflated(text, 0)).toBe(text);
  expect(inflated(zlib.gzipSync(text), gzip)).toEqual(text);
  expect(inflated(zlib.zstdCompressSync(text), zstd)).toEqual(text);
  expect(inflated(Buffer.from(snappyCompress(text)), snappy)).toEqual(text);
  // By hand: ten bytes, a literal of two, and a copy of eight from two back.
  expect(inflated(Buffer.from('0a0461621e0200', 'hex'), snappy).toString()).toBe('ababababab');
});

test.each(Object.keys(lz4Frames))('an lz4 frame: %s', (name) => {
  const frame = Buffer.from(lz4Frames[name] ?? '', 'base64');
  expect(inflated(frame, lz4).equals(inLz4Frames)).toBe(true);
  const twice = inflated(Buffer.concat([frame, frame]), lz4);
  expect(twice.equals(Buffer.concat([inLz4Frames, inLz4Frames]))).toBe(true);
});

test('an lz4 frame whose checksums do not match', () => {
  const withChecksum = 'linked blocks, a checksum of the content';
  const frame = Buffer.from(lz4Frames[withChecksum] ?? '', 'base64');
  const content = Buffer.from(frame);
  content.writeUInt8(content.readUInt8(320) ^ 1, 320); // a literal
  expect(() => inflated(content, lz4)).toThrow('a record batch of lz4 cannot be unpacked: a checksum does not match');
  const header = Buffer.from(frame);
  header.writeUInt8(header.readUInt8(6) ^ 1, 6);
  expect(() => inflated(header, lz4)).toThrow('the checksum of a frame header does not match');
});

describe('hostile bytes', () => {
  const xerial = (...blocks: Buffer[]): Buffer => {
    const header = Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1');
    return Buffer.concat([header, ...blocks.flatMap((block) => [lengthOf(block), block])]);
  };
  const lengthOf = (block: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return length;
  };
  const zeros = Buffer.alloc(300_000);
  const packed: readonly (readonly [string, number, Buffer])[] = [
    ['gzip', gzip, zlib.gzipSync(zeros)],
    ['snappy', snappy, Buffer.from(snappyCompress(zeros))],
    ['snappy', snappy, xerial(...Array(3).fill(Buffer.from(snappyCompress(zeros.subarray(0, 100_000)))))],
    ['zstd', zstd, zlib.zstdCompressSync(zeros)],
  ];

  test.each(packed)('%s (codec %d) that inflates beyond the limit', (name, codec, bytes) => {
    expect(inflated(bytes, codec, zeros.length).equals(zeros)).toBe(true);
    expect(() => inflated(bytes, codec, 200_000)).toThrow(
      `a record batch of ${name} cannot be unpacked: it is longer than 200000 bytes`,
    );
  });

  test('lz4 that inflates beyond the limit', () => {
    for (const frame of Object.values(lz4Frames))
      expect(() => inflated(Buffer.from(frame, 'base64'), lz4, 60_000)).toThrow('it is longer than 60000 bytes');
  });

  test('a snappy block that only says that it is four gigabytes long takes no memory', () => {
    const bytes = Buffer.from('ffffffff0f00', 'hex');
    expect(() => inflated(bytes, snappy)).toThrow(/longer than 67108864 bytes/);
    expect(() => inflated(xerial(bytes), snappy)).toThrow(/longer than 67108864 bytes/);
  });

  const whole = [
    ...packed.map(([, codec, bytes]) => [codec, bytes] as const),
    ...Object.values(lz4Frames).map((frame) => [lz4, Buffer.from(frame, 'base64')] as const),
  ];

  test('cut short or with any byte changed: another content or an EngineError, at once', () => {
    let refused = 0;
    for (const [codec, bytes] of whole) {
      const damaged = [0, 1, 7, 20, bytes.length - 1].map((end) => bytes.subarray(0, end));
      for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 60))) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ 0xa5, at);
        damaged.push(changed);
      }
      for (const one of damaged) refused += refusedAs(one, codec);
    }
    expect(refused).toBeGreaterThan(200);
  });

  /** @returns 1 where it was refused, and properly so. */
  const refusedAs = (bytes: Buffer, codec: number): number => {
    try {
      expect(inflated(bytes, codec, 400_000).length).toBeLessThanOrEqual(400_000);
      return 0;
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError);
      return 1;
    }
  };

  test('a decoder that failed reads the next one', () => {
    expect(() => inflated(Buffer.from('0a00ff', 'hex'), snappy)).toThrow(EngineError);
    expect(inflated(Buffer.from(snappyCompress(text)), snappy)).toEqual(text);
  });

  test('a compression that does not exist', () => {
    expect(() => inflated(text, 7)).toThrow('a record batch of codec 7 cannot be unpacked: Kafka knows no such');
  });
});

test('a Node without zstd says so', () => {
  expect(() => zstdInflated(zlib.zstdCompressSync(text), 1_000, {})).toThrow(/has no zstd; 22\.15 and later have/);
});

test('kafkajs gets them all, with the limit, and goes on to write gzip', async () => {
  registerCodecs();
  const require = createRequire(import.meta.url);
  const { CompressionCodecs } = require('kafkajs') as typeof import('kafkajs');
  const packed = [zlib.gzipSync(text), Buffer.from(snappyCompress(text)), undefined, zlib.zstdCompressSync(text)];
  for (const [index, bytes] of packed.entries()) {
    const codec = CompressionCodecs[(index + 1) as 1]();
    const content: Buffer = await codec.decompress(bytes ?? Buffer.from(Object.values(lz4Frames)[0] ?? '', 'base64'));
    expect(content.equals(bytes === undefined ? inLz4Frames : text)).toBe(true);
  }
  const zeros = zlib.gzipSync(Buffer.alloc(70_000_000), { level: 1 });
  await expect(CompressionCodecs[1]().decompress(zeros)).rejects.toThrow(/longer than 67108864 bytes/);
  expect(zlib.gunzipSync(await CompressionCodecs[1]().compress({ buffer: text }))).toEqual(text);
  await expect(CompressionCodecs[4 as 1]().compress({ buffer: text })).rejects.toThrow('does not write it');
});
