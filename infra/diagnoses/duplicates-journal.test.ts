import { expect, test } from 'vitest';
import { type EffectCopy, judgeKey } from './duplicates-journal.ts';

const copy = (accountSeq: bigint | null, delta: bigint | null): EffectCopy => ({
  id: '1',
  dedupKey: 'tx:1',
  accountId: 1n,
  accountSeq,
  delta,
  partition: 0,
  offset: '1',
  appliedAt: '2026-01-01',
});

const verdict = (copies: readonly EffectCopy[], foldedSeq = 0n, ledgerDelta?: bigint) => {
  const judged = judgeKey({ copies, foldedSeq, ledgerDelta });
  return 'surplus' in judged ? [judged.kind, judged.surplus] : [judged.kind];
};

test.each([
  ['one copy', [copy(3n, 10n)], 0n, undefined, ['single']],
  [
    'all but one of equal copies are too many',
    [copy(3n, -10n), copy(3n, -10n), copy(3n, -10n)],
    2n,
    5n,
    ['doubled', -20n],
  ],
  ['a backfill has summed them up', [copy(3n, 10n), copy(3n, 10n)], 3n, 10n, ['absorbed']],
  ['different amounts: the ledger tells which is right', [copy(3n, 10n), copy(3n, 7n)], 0n, 7n, ['conflicting', 10n]],
  ['different amounts, and no ledger', [copy(3n, 10n), copy(3n, 7n)], 0n, undefined, ['conflicting', undefined]],
  ['amounts that the journal does not hold', [copy(null, null), copy(null, null)], 9n, 1n, ['doubled', undefined]],
] as const)('%s', (_, copies, foldedSeq, ledgerDelta, expected) => {
  expect(verdict(copies, foldedSeq, ledgerDelta)).toEqual(expected);
});

test('amounts beyond what a double can hold stay exact', () => {
  const huge = 9_007_199_254_740_993n;
  expect(verdict([copy(1n, huge), copy(1n, huge)])).toEqual(['doubled', huge]);
});
