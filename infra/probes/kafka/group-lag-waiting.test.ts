import { expect, test } from 'vitest';
import { quietPartition } from '../../testing/planted-partition-lag.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import type { GroupLag, LagSplit, PartitionLag } from './group-lag.ts';
import { firstWaiting, placeOfGroup, placeOfPartition } from './group-lag-waiting.ts';

const none = { readable: 0n, blocked: 0n, markers: 0n };
const topic = 'account.balance.v1';

/** Committed at 100 of a log that begins at 40. */
function partition(over: Partial<PartitionLag> & { readonly waits?: Partial<LagSplit> } = {}): PartitionLag {
  const { waits, ...rest } = over;
  const split = { ...none, ...waits };
  const end = 100n + split.readable + split.markers;
  return {
    partition: 3,
    leader: 1,
    committed: known(100n),
    logStart: known(40n),
    lastStable: known(end),
    highWatermark: known(end + split.blocked),
    lag: known(split.readable + split.blocked + split.markers),
    split: known(split),
    ...quietPartition,
    ...rest,
  };
}

const looked = (oldestAt: bigint | undefined): Pick<PartitionLag, 'facts'> => ({
  facts: {
    position: 100n,
    lastStable: 105n,
    highWatermark: 105n,
    readAtMs: 0,
    oldestMs: oldestAt === undefined ? undefined : 5,
    oldestAt,
    nothingToRead: oldestAt === undefined,
    open: undefined,
  },
});

const unread: Part<never> = unknownPart('no leader');

test.each([
  ['nothing', {}, undefined],
  ['records, not looked at yet', { waits: { readable: 5n } }, 100n],
  ['records behind a marker', { waits: { readable: 5n }, ...looked(102n) }, 102n],
  ['records behind an open transaction', { waits: { blocked: 4n } }, 100n],
  ['the same, behind offsets of nothing', { waits: { blocked: 4n, markers: 2n } }, 102n],
  ['markers only', { waits: { markers: 2n }, ...looked(undefined) }, 100n],
  ['records, and it never committed', { waits: { readable: 65n }, committed: known(null) }, 40n],
  ['records, and retention took some unread', { waits: { readable: 65n }, committed: known(7n) }, 40n],
  ['nobody knows', { split: unread, lag: unread }, undefined],
  ['its commits are unknown', { committed: unread, waits: { readable: 5n } }, undefined],
] as const)('what waits first: %s', (_, over, offset) => {
  expect(firstWaiting({ topic }, partition(over))?.offset).toBe(offset);
});

test('a row where nothing waits is about the last record that was taken', () => {
  const offsetOf = (over: Parameters<typeof partition>[0]) => placeOfPartition({ topic }, partition(over))?.offset;
  expect(offsetOf({ waits: { readable: 5n } })).toBe(100n);
  expect(offsetOf({})).toBe(99n);
  expect(offsetOf({ logStart: known(100n) })).toBeUndefined();
  expect(offsetOf({ committed: known(null) })).toBeUndefined();
  expect(offsetOf({ committed: unread })).toBeUndefined();
  // Whether something waits is unknown.
  expect(offsetOf({ split: unread, lag: unread })).toBeUndefined();
});

test('a group’s row is about the partition where most waits, what can be read before what cannot', () => {
  const placeOf = (partitions: GroupLag['partitions']) => {
    const place = placeOfGroup({ topic, partitions } as GroupLag);
    return place && `${place.topic}/${place.partition}/${place.offset}`;
  };
  const three = [
    partition({ partition: 0, waits: { readable: 3n } }),
    partition({ partition: 1, waits: { blocked: 900n } }),
    partition({ partition: 2, waits: { readable: 5n } }),
    partition({ partition: 4, split: unread, lag: unread }),
  ];
  expect(placeOf(known(three))).toBe(`${topic}/2/100`);
  expect(placeOf(known(three.slice(1, 2)))).toBe(`${topic}/1/100`);
  const idle = [partition({ partition: 0 }), partition({ partition: 5, committed: known(300n) })];
  expect(placeOf(known(idle))).toBe(`${topic}/5/299`);
  expect(placeOf(known([]))).toBeUndefined();
  expect(placeOf(unread)).toBeUndefined();
});
