import { expect, test } from 'vitest';
import type { FetchedBatch } from '../kafka/wire/record-batches.ts';
import { known } from '../probes/reading.ts';
import { stretchOf } from './aborted-stretches.ts';

const data = (baseOffset: bigint, records: number, producerId = -1n): FetchedBatch => ({
  baseOffset,
  lastOffset: baseOffset + BigInt(records) - 1n,
  baseTimestampMs: 0,
  maxTimestampMs: 0,
  recordCount: records,
  producerId,
  isTransactional: producerId >= 0n,
  marker: undefined,
  records: () => known([]),
});

const marker = (offset: bigint, producerId: bigint, ends: 'commit' | 'abort'): FetchedBatch => ({
  ...data(offset, 1, producerId),
  marker: ends,
});

const range = { topic: 'orders', partition: 0, offset: 0n, to: 12n };

test('two that overlap: each is judged by its own marker', () => {
  const batches = [data(0n, 3, 1n), data(3n, 2, 2n), marker(5n, 2n, 'abort'), marker(6n, 1n, 'commit'), data(7n, 5)];
  expect(stretchOf(range, batches)).toMatchObject({
    aborted: 2,
    first: 3n,
    last: 4n,
    markers: 2,
    readableTo: 12n,
    isWhole: true,
  });
});

test('one producer that aborts, then commits', () => {
  const batches = [data(0n, 2, 1n), marker(2n, 1n, 'abort'), data(3n, 1, 1n), marker(4n, 1n, 'commit')];
  expect(stretchOf({ ...range, to: 5n }, batches)).toMatchObject({ aborted: 2, first: 0n, last: 1n, readableTo: 4n });
});

test('an aborted end: nothing behind the last readable record is ever delivered', () => {
  const batches = [data(0n, 4), data(4n, 7, 1n), marker(11n, 1n, 'abort')];
  expect(stretchOf(range, batches)).toMatchObject({ aborted: 7, readableTo: 4n, to: 12n, isWhole: true });
});

test('what is still open may yet count', () => {
  expect(stretchOf(range, [data(0n, 4), data(4n, 8, 1n)])).toMatchObject({ aborted: 0, readableTo: 12n });
});

test('only the range that was asked for, and whether all of it was read', () => {
  const batches = [data(0n, 5), data(5n, 2), data(7n, 1, 1n), marker(8n, 1n, 'abort'), data(12n, 9, 3n)];
  expect(stretchOf({ ...range, offset: 5n }, batches)).toMatchObject({ from: 5n, to: 9n, aborted: 1, isWhole: false });
});
