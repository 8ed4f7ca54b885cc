import { expect, test } from 'vitest';
import { labRoles } from '../../contract/lab-roles.ts';
import { scopeOf } from '../../contract/scope.ts';
import { type AccountState, agrees, isUndecided, judgeAccount, type LegState, noLedger } from './judge.ts';
import { whereabouts } from './legs.ts';

/** Ten legs of 10 each, all of them applied, unless told otherwise. */
const account = (change: Partial<AccountState> = {}): AccountState => ({
  accountId: 1n,
  account: { balance: 100n },
  projection: { balance: 100n, version: 10n, appliedCount: 10n, foldedSeq: 0n },
  ledger: { legs: 10, total: 100n, maxSeq: 10n, toVersion: 100n, toFolded: 0n },
  legs: undefined,
  ...change,
});
const row = (change: Partial<NonNullable<AccountState['projection']>>) => ({
  balance: 100n,
  version: 10n,
  appliedCount: 10n,
  foldedSeq: 0n,
  ...change,
});
const legs = (applied: bigint, unapplied: LegState['unapplied'] = []): LegState => ({
  applied: { legs: applied, total: applied * 10n },
  unapplied,
});
const leg = (where: LegState['unapplied'][number]['where']) => ({
  dedupKey: 'tx:1',
  accountSeq: 4n,
  delta: 10n,
  where,
});
const judged = (state: AccountState) =>
  judgeAccount(state, { accountsMapped: true }).map(({ kind, amount }) => `${kind} ${amount}`);

test.each([
  ['complete', account(), []],
  ['on its way', account({ projection: row({ balance: 80n, version: 8n, appliedCount: 8n }), legs: legs(8n) }), []],
  [
    'a hole in retry',
    account({ projection: row({ balance: 90n, appliedCount: 9n }), legs: legs(9n, [leg('inRetry')]) }),
    [],
  ],
  [
    'a hole that is lost',
    account({ projection: row({ balance: 90n, appliedCount: 9n }), legs: legs(9n, [leg('missing')]) }),
    ['missing -10'],
  ],
  [
    'applied twice',
    account({ projection: row({ balance: 110n, appliedCount: 11n }), legs: legs(10n) }),
    ['doubled 10'],
  ],
  [
    'twice, and a hole beside it',
    account({ projection: row({ balance: 110n }), legs: legs(9n, [leg('dead')]) }),
    ['doubled 20'],
  ],
  [
    'marked, and not in the balance',
    account({ projection: row({ balance: 90n, appliedCount: 9n }), legs: legs(10n) }),
    ['missing -10'],
  ],
  ['edited', account({ projection: row({ balance: 99n }), legs: legs(10n) }), ['drifted -1']],
  ['its version edited', account({ projection: row({ version: 8n }), legs: legs(10n) }), ['drifted 0']],
  ['ahead of the ledger', account({ projection: row({ version: 11n, appliedCount: 11n }) }), ['ahead 0']],
  ['no such account', account({ account: undefined }), ['orphan 0']],
  ['the account differs', account({ account: { balance: 101n } }), ['account-drift 1']],
  ['no projection yet', account({ projection: undefined, legs: legs(0n, [leg('pending')]) }), []],
  ['no projection any more', account({ projection: undefined, legs: legs(10n) }), ['missing -100']],
  ['nothing at all', account({ projection: undefined, ledger: noLedger, account: { balance: 0n } }), []],
])('%s', (_, state, expected) => {
  expect(judged(state)).toEqual(expected);
});

test('a folded prefix counts without its effects', () => {
  const ledger = { legs: 10, total: 100n, maxSeq: 10n, toVersion: 100n, toFolded: 60n };
  const projection = row({ foldedSeq: 6n, balance: 90n, appliedCount: 9n });
  expect(judged(account({ ledger, projection, legs: legs(3n, [leg('dead')]) }))).toEqual([]);
  expect(judged(account({ ledger, projection: { ...projection, balance: 91n }, legs: legs(3n) }))).toEqual([
    'drifted 1',
  ]);
});

test('only accounts that do not simply agree are looked into', () => {
  expect(agrees(account())).toBe(true);
  expect(agrees(account({ projection: row({ balance: 1n }) }))).toBe(false);
  expect(agrees(account({ projection: row({ appliedCount: 9n }) }))).toBe(false);
  expect(agrees(account({ projection: undefined }))).toBe(false);
});

test('without marks only counts are left, and a hole cannot be judged', () => {
  const unmarked: LegState = { applied: undefined, unapplied: [] };
  expect(judged(account({ projection: row({ balance: 110n, appliedCount: 11n }), legs: unmarked }))).toEqual([
    'doubled 10',
  ]);
  const hole = account({ projection: row({ balance: 90n, appliedCount: 9n }), legs: unmarked });
  expect([judged(hole), isUndecided(hole)]).toEqual([[], true]);
});

const outbox = labRoles(scopeOf('')).outbox;
const sent = {
  account_seq: 4n,
  dedup_key: 'tx:1',
  delta: 10n,
  age_s: 99,
  failed: 0,
  dead: 0,
  outbox_status: 'SENT',
  sent_partition: 1,
  sent_offset: 50n,
};
const progress = new Map([[1, { committed: 60n, logStart: 20n }]]);

test.each([
  ['committed past', sent, true, 'missing'],
  ['not consumed yet', { ...sent, sent_offset: 60n }, true, 'pending'],
  ['taken by retention', { ...sent, sent_offset: 19n }, true, 'expired'],
  ['on the ladder', { ...sent, failed: 1 }, true, 'inRetry'],
  ['a dead letter', { ...sent, failed: 1, dead: 1 }, true, 'dead'],
  ['a ladder that is not mapped', { ...sent, failed: null }, true, 'unexplained'],
  ['not sent yet', { ...sent, outbox_status: 'PENDING' }, true, 'pending'],
  ['an operator skipped it', { ...sent, outbox_status: 'SKIPPED' }, true, 'skipped'],
  ['without an outbox row, just now', { ...sent, outbox_status: null, age_s: 1 }, true, 'pending'],
  ['without an outbox row', { ...sent, outbox_status: null }, true, 'missing'],
  ['Kafka is silent, but a later one is applied', { ...sent, sent_partition: 2 }, true, 'missing'],
  ['Kafka is silent, and nothing is applied', { ...sent, sent_partition: 2 }, false, 'unexplained'],
] as const)('an unapplied leg: %s', (_, row, isHole, expected) => {
  expect(whereabouts(row, { outbox, progress, isHole })).toBe(expected);
});
