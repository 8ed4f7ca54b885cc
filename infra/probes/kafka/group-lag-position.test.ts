import { expect, test } from 'vitest';
import type { FetchedPartition } from '../../kafka/wire/fetch.ts';
import { type FetchedBatch, fetchedBatches } from '../../kafka/wire/record-batches.ts';
import { packedBatches } from '../../testing/packed-batches.ts';
import { known, unknownPart } from '../reading.ts';
import { factsAt } from './group-lag-position.ts';

const partition = (batches: readonly FetchedBatch[]): FetchedPartition => {
  const end = (batches.at(-1)?.lastOffset ?? -1n) + 1n;
  const offsets = { logStart: 0n, lastStable: end, highWatermark: end };
  return { topic: 't', partition: 0, errorCode: 0, ...offsets, aborted: [], batches, records: Buffer.alloc(0) };
};

/** Three records, ten milliseconds apart; each look into it is counted. */
function batchFrom(baseOffset: bigint, more: Partial<FetchedBatch> = {}) {
  const looks = { count: 0 };
  const batch: FetchedBatch = {
    baseOffset,
    lastOffset: baseOffset + 2n,
    baseTimestampMs: Number(baseOffset) * 10,
    maxTimestampMs: Number(baseOffset) * 10 + 20,
    recordCount: 3,
    producerId: -1n,
    isTransactional: false,
    marker: undefined,
    records: () => {
      looks.count += 1;
      const at = (offset: bigint) => ({
        offset,
        timestampMs: Number(offset) * 10,
        key: null,
        value: null,
        headers: {},
      });
      return known([0n, 1n, 2n].map((delta) => at(baseOffset + delta)));
    },
    ...more,
  };
  return { batch, looks };
}

test('only the batch in which a group reads on is unpacked', () => {
  const batches = [batchFrom(0n), batchFrom(3n), batchFrom(6n)];
  const facts = factsAt(4n, partition(batches.map(({ batch }) => batch)), 0);
  expect(facts).toMatchObject({ oldestMs: 40, nothingToRead: false });
  expect(batches.map(({ looks }) => looks.count)).toEqual([0, 1, 0]);
});

test('one that is damaged, or of very many records, is dated by its header', () => {
  const damaged = batchFrom(3n, { records: () => unknownPart('damaged') });
  expect(factsAt(4n, partition([damaged.batch]), 0).oldestMs).toBe(30);
  const huge = batchFrom(3n, { recordCount: 100_000 });
  expect(factsAt(4n, partition([huge.batch]), 0).oldestMs).toBe(30);
  expect(huge.looks.count).toBe(0);
});

test('a batch that Kafka’s producer packed is dated by its record', () => {
  const batches = fetchedBatches(Buffer.from(packedBatches.zstd ?? '', 'base64'));
  const [records] = batches.map((batch) => batch.records());
  const second = records?.known ? records.value[1]?.timestampMs : undefined;
  expect(second).toBeGreaterThan(0);
  expect(factsAt(1n, partition(batches), 0).oldestMs).toBe(second);
});
