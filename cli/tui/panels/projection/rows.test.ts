import { describe, expect, test } from 'vitest';
import type { ProjectionChecksum } from '../../../../infra/probes/projection/checksum.ts';
import type { AccountState, Drift } from '../../../../infra/probes/projection/judge.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { widthOf } from '../../ui/line.ts';
import { projection } from './projection.ts';
import { projectionRows, projectionSummary } from './rows.ts';

const state = (accountId: bigint): AccountState => ({
  accountId,
  account: { balance: 100n },
  projection: { balance: 9_007_199_254_740_993n, version: 10n, appliedCount: 11n, foldedSeq: 0n },
  ledger: { legs: 10, total: 100n, maxSeq: 10n, toVersion: 100n, toFolded: 0n },
  legs: undefined,
});
const drift = (kind: Drift['kind'], accountId: bigint, amount: bigint): Drift => ({
  kind,
  accountId,
  amount,
  state: kind === 'missing' ? { ...state(accountId), projection: undefined } : state(accountId),
});

const planted = (change: Partial<ProjectionChecksum> = {}): ProjectionChecksum => ({
  accounts: 2_000,
  rows: 1_999,
  balance: 1_204_500n,
  checksum: 3_812_004_117,
  ledger: 1_204_500n,
  behind: 12,
  undecided: 0,
  unapplied: { pending: 0, inRetry: 0, dead: 0, expired: 0, skipped: 0, missing: 0, unexplained: 0 },
  drifts: { doubled: 0, missing: 0, drifted: 0, ahead: 0, orphan: 0, 'account-drift': 0 },
  examples: [],
  ...change,
});

const wrong = planted({
  balance: 9_007_199_255_945_493n,
  unapplied: { pending: 1, inRetry: 2, dead: 3, expired: 0, skipped: 0, missing: 1, unexplained: 0 },
  drifts: { doubled: 1, missing: 1, drifted: 0, ahead: 0, orphan: 0, 'account-drift': 1 },
  examples: [drift('doubled', 7n, 302n), drift('missing', 8n, -704n), drift('account-drift', 1_204n, 5n)],
});

test('when it adds up: one verdict, and the sums that prove it', () => {
  expect(texts(projectionRows(planted(), rowsContext()))).toEqual([
    '2,000 accounts · all match their ledger · 12 on their way',
    'Σ balances 1,204,500  Σ ledger 1,204,500  checksum 3812004117',
  ]);
  expect(texts(projectionRows(planted(), rowsContext({ language: 'ko' })))).toEqual([
    '계좌 2,000 · 모두 원장과 맞음 · 12개 반영 중',
    'Σ 잔액 1,204,500  Σ 원장 1,204,500  체크섬 3812004117',
  ]);
});

describe('a finding', () => {
  test('in 80 columns', () => {
    const rows = texts(projectionRows(wrong, rowsContext()));
    expect(rows[0]).toBe('2,000 accounts · ✗ 3 wrong · 12 on their way');
    expect(rows[2]).toBe('pending 1  in retry 2  dead 3');
    expect(rows[4]).toMatch(/^account +what is wrong +off by +balance +applied +version$/);
    expect(rows[5]).toMatch(/^7 +applied twice +\+302 +9,007,199,254,740,993 +11 +10$/);
    expect(rows[6]).toMatch(/^8 +not applied +-704 +- +- +-$/);
  });

  test('in 160 columns and in Korean', () => {
    const rows = texts(projectionRows(wrong, rowsContext({ width: 156, language: 'ko' })));
    expect(rows[0]).toBe('계좌 2,000 · ✗ 3개가 틀림 · 12개 반영 중');
    expect(rows[5]).toMatch(/^7 +두 번 반영됨 +\+302 +9,007,199,254,740,993 +11 +10$/);
  });

  test.each([40, 60, 76, 104, 156])('no line is wider than %i', (width) => {
    for (const language of ['ko', 'en'] as const) {
      for (const row of projectionRows(wrong, rowsContext({ width, language }))) {
        expect(widthOf(row)).toBeLessThanOrEqual(width);
      }
    }
  });
});

test('what cannot be told is not called right', () => {
  const value = planted({ undecided: 4, unapplied: { ...planted().unapplied, unexplained: 9 } });
  const rows = texts(projectionRows(value, rowsContext()));
  expect(rows[0]).toBe('2,000 accounts · all match their ledger · 12 on their way · 4 unknown');
  expect(rows[2]).toBe('unexplained 9');
});

test('in one line', () => {
  expect(texts([projectionSummary(wrong, rowsContext())])).toEqual(['2,000 accounts · ✗ 3 wrong · 12 on their way']);
  expect(projection.grows).toBe(false);
});
