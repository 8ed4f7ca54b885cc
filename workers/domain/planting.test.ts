import { expect, test } from 'vitest';
import { plantedClasses, plantedIn, toUnknownAccount, unknownAccountsFrom } from './planting.ts';
import { plannedTransfer } from './transfer.ts';

const planting = { seed: 7, share: 0.05, classes: plantedClasses };
const indexes = Array.from({ length: 20_000 }, (_, index) => index);

test('the share is met, every class gets its part, and the same seed plants the same', () => {
  const planted = indexes.map((index) => plantedIn(planting, index));
  const counts = plantedClasses.map((name) => planted.filter((one) => one === name).length);
  for (const count of counts) expect(count / indexes.length).toBeCloseTo(0.05 / 4, 2);
  expect(indexes.map((index) => plantedIn(planting, index))).toEqual(planted);
});

test('no share plants nothing, all of it everything', () => {
  expect(indexes.some((index) => plantedIn({ ...planting, share: 0 }, index) !== undefined)).toBe(false);
  expect(indexes.every((index) => plantedIn({ ...planting, share: 1 }, index) !== undefined)).toBe(true);
});

test('an unknown account is one per transfer, beyond all that exist', () => {
  const plan = { runId: 'r', seed: 1, firstAccount: 1, accounts: 10 };
  const accounts = indexes.slice(0, 1_000).map((index) => toUnknownAccount(plannedTransfer(plan, index)).to);
  expect(new Set(accounts).size).toBe(1_000);
  for (const account of accounts) expect(account >= unknownAccountsFrom).toBe(true);
});
