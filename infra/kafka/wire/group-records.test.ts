import { expect, test } from 'vitest';
import { groupRecord, partitionOfGroup } from './group-records.ts';

test.each([
  // As a broker with six partitions of __consumer_offsets keeps them.
  ['test_0497bc58.own-blocked', 6, 4],
  ['test_5441496b.cache-invalidator', 6, 4],
  // hashCode is Integer.MIN_VALUE, which has no amount.
  ['polygenelubricants', 50, 0],
])('%s is kept in its partition', (groupId, partitions, expected) => {
  expect(partitionOfGroup(groupId, partitions)).toBe(expected);
});

const record = (key: string, value: string | null) => ({
  offset: 0n,
  timestampMs: 7,
  key: Buffer.from(key, 'hex'),
  value: value === null ? null : Buffer.from(value, 'hex'),
  headers: {},
});

const generationKey = '0002000161';

test('a generation without members, as a broker writes it; a tombstone; what is cut short', () => {
  const value = '00030008636f6e73756d657200000002ffffffff000001a2147e0c5700000000';
  expect(groupRecord(record(generationKey, value))).toEqual({
    kind: 'generation',
    groupId: 'a',
    atMs: 7,
    generation: 2,
    assignor: null,
    members: [],
  });
  expect(groupRecord(record(generationKey, null))).toBeUndefined();
  expect(groupRecord(record(generationKey, value.slice(0, 20)))).toBeUndefined();
  expect(groupRecord(record('0063000161', value))).toBeUndefined();
});

test('a member of a KIP-848 group, and its end', () => {
  const key = `0005000161${'00026d31'}`;
  const value = '0000' + '00' + '00' + '0263' + '0268' + '020274' + '00' + '000493e0' + '0000';
  const member = { kind: 'member', groupId: 'a', atMs: 7, memberId: 'm1' };
  expect(groupRecord(record(key, value))).toEqual({ ...member, rebalanceTimeoutMs: 300_000 });
  expect(groupRecord(record(key, null))).toEqual({ ...member, rebalanceTimeoutMs: null });
  expect(groupRecord(record(key, value.slice(0, 10)))).toBeUndefined();
});

test('a commit', () => {
  const key = `0001000161${'000174'}00000005`;
  expect(groupRecord(record(key, '0003000000000000002affffffff0000000001a2147df9e3'))).toEqual({
    kind: 'commit',
    groupId: 'a',
    atMs: 7,
    topic: 't',
    partition: 5,
    offset: 42n,
  });
});
