import { expect, test } from 'vitest';
import { placeName, placeNamed } from './place-name.ts';

test.each([
  ['account.balance.v1/3/1250', { topic: 'account.balance.v1', partition: 3, offset: 1_250n }],
  ['a_b-c.D/0/0', { topic: 'a_b-c.D', partition: 0, offset: 0n }],
  ['t/2147483647/9223372036854775807', { topic: 't', partition: 2_147_483_647, offset: 2n ** 63n - 1n }],
])('%s is a place, and is called so', (word, place) => {
  expect(placeNamed(word)).toEqual(place);
  expect(placeName(place)).toBe(word);
});

test.each([
  'tx-1:7',
  't/0',
  't/0/-1',
  't/0/1/2',
  '/0/1',
  't/x/1',
  't 1/0/1',
  '잔액/0/1',
  't/0/1\n',
  't/2147483648/0',
  't/0/9223372036854775808',
  `${'t'.repeat(250)}/0/1`,
])('%j is none', (word) => {
  expect(placeNamed(word)).toBeUndefined();
});
