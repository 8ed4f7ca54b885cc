import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { inPackedBatches, packedBatches } from '../testing/packed-batches.ts';
import { registerCodecs } from './codecs.ts';
import { decodeRecords, unreadableText } from './decode-records.ts';
import { crc32c } from './wire/crc32c.ts';

const batchOf = (codec: string): Buffer => Buffer.from(packedBatches[codec] ?? '', 'base64');

/** As it stands at another place of the log: the checksum leaves the base offset out. */
function at(baseOffset: bigint, batch: Buffer): Buffer {
  const moved = Buffer.from(batch);
  moved.writeBigInt64BE(baseOffset, 0);
  return moved;
}

/** A batch with something else in it, and the checksum of that. */
function changed(batch: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(batch);
  change(bytes);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

/** A batch with these records. */
function repacked(batch: Buffer, codec: number, records: Buffer): Buffer {
  return changed(Buffer.concat([batch.subarray(0, 61), records]), (bytes) => {
    bytes.writeInt32BE(bytes.length - 12, 8);
    bytes.writeInt16BE(codec, 21);
  });
}

const damaged = (batch: Buffer): Buffer => {
  const bytes = Buffer.from(batch);
  bytes.writeUInt8(bytes.readUInt8(90) ^ 1, 90);
  return bytes;
};

test.each(Object.keys(packedBatches))('%s, as kafka-console-producer packs it', (codec) => {
  const { records, unreadable, next } = decodeRecords(4, batchOf(codec));
  expect({ unreadable, next }).toEqual({ unreadable: [], next: 3n });
  expect(records).toEqual(
    inPackedBatches.map((record, n) => ({
      ...record,
      partition: 4,
      offset: BigInt(n),
      timestampMs: expect.any(Number),
    })),
  );
  const years = records.map(({ timestampMs }) => new Date(timestampMs).getUTCFullYear());
  expect(years).toEqual([2026, 2026, 2026]);
});

test.each(Object.keys(packedBatches))('%s: kafkajs reads the same', async (codec) => {
  registerCodecs();
  const require = createRequire(import.meta.url);
  const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => unknown;
  const decode = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
    decoder: unknown,
  ) => Promise<readonly object[]>;
  const size = Buffer.alloc(4);
  size.writeInt32BE(batchOf(codec).length);
  const messages = await decode(new Decoder(Buffer.concat([size, batchOf(codec)])));
  expect(messages).toMatchObject(inPackedBatches);
});

test('a damaged batch hides its own offsets and no others; one that is cut short is left for the next fetch', () => {
  const [first, hit, last, cut] = [
    batchOf('zstd'),
    damaged(at(3n, batchOf('lz4'))),
    at(9n, batchOf('none')),
    at(12n, batchOf('gzip')),
  ];
  const { records, unreadable, next } = decodeRecords(0, Buffer.concat([first, hit, last, cut.subarray(0, -1)]));
  expect(records.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 9n, 10n, 11n]);
  expect(unreadable.map(unreadableText)).toEqual([
    'offsets 3 to 5: a record batch is damaged: its checksum does not match',
  ]);
  expect(next).toBe(12n);
});

/** @returns why nothing of it is read. */
function reasonFor(batch: Buffer): string | undefined {
  const { records, unreadable, next } = decodeRecords(0, Buffer.concat([batch, at(3n, batchOf('none'))]));
  expect({ next, read: records.map(({ offset }) => offset) }).toEqual({ next: 6n, read: [3n, 4n, 5n] });
  return unreadable[0]?.reason;
}

test('hostile batches with a proper checksum are unknown, at once, and hide nothing behind them', () => {
  const bomb = zlib.zstdCompressSync(Buffer.alloc(65 * 1024 * 1024));
  const [none, zstd] = [batchOf('none'), batchOf('zstd')];
  expect(reasonFor(repacked(none, 4, bomb))).toMatch(
    /batch of zstd cannot be unpacked: it is longer than 67108864 bytes/,
  );
  expect(reasonFor(repacked(none, 3, batchOf('gzip').subarray(61)))).toMatch(
    /of lz4 cannot be unpacked: it does not begin/,
  );
  expect(reasonFor(repacked(none, 6, none.subarray(61)))).toMatch(/Kafka knows no such compression/);
  expect(reasonFor(repacked(zstd, 4, zstd.subarray(61, -4)))).toMatch(
    /of zstd cannot be unpacked: unexpected end of file/,
  );
  const counting = (count: number) => changed(none, (bytes) => bytes.writeInt32BE(count, 57));
  expect(reasonFor(counting(4))).toMatch(/damaged: the answer ends too early/);
  expect(reasonFor(counting(499_999))).toMatch(/damaged: the answer ends too early/);
  expect(reasonFor(counting(2 ** 31 - 1))).toBe('a record batch of 2147483647 records is not looked into');
});

/** One header's name in a record again and again, each time with another value. */
const headers = (count: number): Buffer =>
  Buffer.concat([
    varint(count),
    ...Array.from({ length: count }, (_, n) => Buffer.concat([varint(1), Buffer.from('h'), varint(4), int32(n)])),
  ]);

/** `count` records of `headers` headers each. */
const withHeaders = (count: number, each: Buffer): Buffer =>
  changed(
    repacked(batchOf('none'), 4, zlib.zstdCompressSync(Buffer.concat(Array(count).fill(recordOf(1, each))))),
    (bytes) => bytes.writeInt32BE(count, 57),
  );

test('hostile batches of headers are unknown at once', () => {
  const [one, many] = [withHeaders(1, headers(300_000)), withHeaders(51, headers(10_000))];
  const startMs = systemClock.monotonic();
  expect(reasonFor(one)).toBe('a record batch with 300000 headers in one record is not looked into');
  expect(systemClock.monotonic() - startMs).toBeLessThan(1_000);
  expect(reasonFor(many)).toBe('a record batch with more than 500000 headers is not looked into');
});

test('ten thousand headers of one name are read in their order; one without a value adds none', () => {
  const { records } = decodeRecords(0, withHeaders(1, headers(10_000)));
  const values = records[0]?.headers.h as readonly Buffer[];
  expect(values.map((value) => value.readInt32BE())).toEqual(Array.from({ length: 10_000 }, (_, n) => n));

  const [named, none, some] = [Buffer.from([2, 0x68]), varint(-1), Buffer.concat([varint(4), int32(7)])];
  const headersOf = (...each: readonly Buffer[]) =>
    decodeRecords(0, withHeaders(1, Buffer.concat([varint(each.length), ...each.flatMap((value) => [named, value])])))
      .records[0]?.headers.h;
  expect(headersOf(none)).toBeNull();
  expect(headersOf(none, some)).toEqual(int32(7));
  expect(headersOf(some, none)).toEqual([int32(7)]);
  expect(headersOf(some, none, some, none)).toEqual([int32(7), int32(7)]);
});

test('records that fill more than one go are given in several', () => {
  const filling = repacked(
    batchOf('none'),
    4,
    zlib.zstdCompressSync(Buffer.concat(Array(3).fill(recordOf(20_000_000)))),
  );
  const bytes = Buffer.concat([filling, at(3n, filling), at(6n, filling)]);
  expect(decodeRecords(0, bytes)).toMatchObject({ unreadable: [], next: 6n });
  expect(decodeRecords(0, bytes.subarray(filling.length * 2))).toMatchObject({ unreadable: [], next: 9n });
});

test('what a batch holds beside keys and values counts too: its headers, and what stands behind its records', () => {
  const behind = Buffer.concat([Array(3).fill(recordOf(1)), Buffer.alloc(40_000_000)].flat());
  for (const one of [withHeaders(40, headers(10_000)), repacked(batchOf('none'), 4, zlib.zstdCompressSync(behind))])
    expect(decodeRecords(0, Buffer.concat([one, at(3n, one), at(6n, one)]))).toMatchObject({
      unreadable: [],
      next: 6n,
    });
});

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = value < 0 ? -value * 2 - 1 : value * 2; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
};

/** Without a key. */
function recordOf(valueBytes: number, headersIn = varint(0)): Buffer {
  const head = Buffer.concat([Buffer.from([0, 0, 0, 1]), varint(valueBytes)]);
  return Buffer.concat([
    varint(head.length + valueBytes + headersIn.length),
    head,
    Buffer.alloc(valueBytes),
    headersIn,
  ]);
}

test('a format that Kafka 0.10 wrote, and what is no log at all', () => {
  const old = Buffer.alloc(12 + 22);
  old.writeInt32BE(22, 8);
  old.writeInt8(1, 16);
  expect(decodeRecords(0, Buffer.concat([old, at(1n, batchOf('none'))]))).toMatchObject({
    unreadable: [{ first: 0n, last: 0n, reason: 'of a format that Kafka 0.10 and older wrote' }],
    next: 4n,
  });
  // Packed messages have the offset of the last of them.
  expect(decodeRecords(0, Buffer.concat([at(5n, old), at(9n, old)])).unreadable.map(unreadableText)).toEqual([
    'offsets 0 to 5: of a format that Kafka 0.10 and older wrote',
    'offsets 6 to 9: of a format that Kafka 0.10 and older wrote',
  ]);
  expect(decodeRecords(0, Buffer.concat([batchOf('none'), at(7n, old), at(8n, batchOf('none'))]))).toMatchObject({
    unreadable: [{ first: 3n, last: 7n }],
    next: 11n,
  });
  expect(() => decodeRecords(0, Buffer.alloc(100))).toThrow('what the broker sent is no record batch');
  expect(decodeRecords(0, Buffer.alloc(0))).toEqual({ records: [], unreadable: [], next: 0n });
});
