import { expect, test } from 'vitest';
import { parseMembers } from './cluster/cluster-view.ts';
import { keysTogether } from './cluster/key-places.ts';
import { hashTagOf, slotOf } from './slot.ts';

// As CLUSTER KEYSLOT of Redis 7.0.15 gives them.
test.each([
  ['123456789', 12739],
  ['foo{}{bar}', 8363],
  ['a', 15495],
  ['{a}b', 15495],
] as const)('%s is in slot %i', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});

test.each([
  ['{user}.a', 'user'],
  ['foo{{bar}}zap', '{bar'],
  ['foo{}{bar}', undefined],
  ['{a', undefined],
  ['}{', undefined],
] as const)('the hash tag of %s is %s', (key, tag) => {
  expect(hashTagOf(key)).toBe(tag);
});

const members = parseMembers(
  [
    'a 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-8191 [12-<-b] [3300->-b]',
    'b 127.0.0.1:3@4,host-b master - 0 0 2 connected 8192-16383',
  ].join('\n'),
);

test('keys of one slot go together, of several do not, of a moving one perhaps', () => {
  expect(members[0]).toMatchObject({
    host: '127.0.0.1',
    port: 1,
    moving: [
      { slot: 12, from: 'b' },
      { slot: 3300, to: 'b' },
    ],
  });
  expect(keysTogether(['{a}1', '{a}2'], members)).toMatchObject({
    verdict: 'together',
    places: [
      { slot: 15495, hashTag: 'a', node: '127.0.0.1:3', isMoving: false },
      { slot: 15495, hashTag: 'a' },
    ],
  });
  expect(keysTogether(['a', 'b'], members).verdict).toBe('apart');
  expect(keysTogether(['{b}1', '{b}2'], members).verdict).toBe('moving');
});
