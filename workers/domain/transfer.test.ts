import { expect, test } from 'vitest';
import { indexOf, legsInLockOrder, plannedTransfer } from './transfer.ts';

const plan = { runId: 'r1', seed: 7, firstAccount: 1000, accounts: 5 };

test('a plan is reproducible and never pays an account from itself', () => {
  for (let index = 0; index < 2_000; index++) {
    const transfer = plannedTransfer(plan, index);
    expect(transfer).toEqual(plannedTransfer(plan, index));
    expect(transfer.from).not.toBe(transfer.to);
    expect(transfer.amount).toBeGreaterThan(0n);
    for (const account of [transfer.from, transfer.to]) {
      expect(account).toBeGreaterThanOrEqual(1000n);
      expect(account).toBeLessThan(1005n);
    }
  }
});

test('different seeds give different plans', () => {
  const other = { ...plan, seed: 8 };
  const indexes = Array.from({ length: 50 }, (_, index) => index);
  expect(indexes.some((index) => plannedTransfer(plan, index).from !== plannedTransfer(other, index).from)).toBe(true);
});

test('legs sum to zero and come in ascending order of account', () => {
  const legs = legsInLockOrder({ txId: 't', from: 9n, to: 3n, amount: 50n });
  expect(legs).toEqual([
    { accountId: 3n, delta: 50n },
    { accountId: 9n, delta: -50n },
  ]);
});

test('an index is found again in its transaction id, and only in its own run', () => {
  expect(indexOf('r1', plannedTransfer(plan, 42).txId)).toBe(42);
  expect(indexOf('r1', 'r10-00000001')).toBeUndefined();
  expect(indexOf('r1', 'r1-x')).toBeUndefined();
});
