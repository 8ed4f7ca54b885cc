import type { FinalState, LedgerLeg } from '../final-state.ts';
import { type Checker, Tally } from './checker.ts';
import { byAccount } from './committed.ts';

const labels = {
  accountDrift: { ko: '원장 합계 ≠ 계좌 잔액', en: 'accounts whose balance is not their ledger sum' },
  projectionDrift: { ko: '원장 합계 ≠ 프로젝션 잔액', en: 'projections whose balance is not their ledger sum' },
  incompleteProjections: {
    ko: 'applied_count ≠ version ≠ account_seq 인 프로젝션',
    en: 'projections whose applied_count, version and account_seq differ',
  },
  ledgerGaps: { ko: '원장 순번에 빈틈이 있는 계좌', en: 'accounts with a gap in their ledger sequence' },
  unbalancedTransfers: { ko: '양변 합계 ≠ 0 인 이체', en: 'transfers whose legs do not sum to zero' },
} as const;
type Count = keyof typeof labels;

/**
 * Money: per account Σ ledger = account balance = projection balance (accounts open with nothing), sequences without gaps, as many effects
 * as the version says; and per transfer both legs cancel out.
 */
export const drift: Checker = {
  name: 'drift',
  title: { ko: '잔액 불일치', en: 'Balance drift' },
  labels,
  check(_, state) {
    const tally = new Tally(labels);
    checkAccounts(state, tally);
    const sums = new Map<string, bigint>();
    for (const { txId, delta } of state.ledger) sums.set(txId, (sums.get(txId) ?? 0n) + delta);
    for (const [txId, sum] of sums) if (sum !== 0n) tally.add('unbalancedTransfers', { txId, sum: String(sum) });
    return tally.outcome(state.ledger.length);
  },
};

function checkAccounts({ accounts, ledger, projections }: FinalState, tally: Tally<Count>): void {
  const legsOf = byAccount(ledger);
  const projectionOf = new Map(projections.map((row) => [row.accountId, row]));
  for (const account of accounts) {
    const legs = legsOf.get(account.accountId) ?? [];
    checkLedger({ account, legs }, tally);
    checkProjection({ account, legs, projection: projectionOf.get(account.accountId) }, tally);
  }
  const known = new Set(accounts.map(({ accountId }) => accountId));
  for (const { accountId, balance } of projections) {
    if (known.has(accountId)) continue;
    tally.add('projectionDrift', { accountId: String(accountId), ledger: 'no account', projection: String(balance) });
  }
}

type Account = FinalState['accounts'][number];

function checkLedger(
  { account, legs }: { readonly account: Account; readonly legs: readonly LedgerLeg[] },
  tally: Tally<Count>,
): void {
  const { accountId, balance, accountSeq } = account;
  const sum = sumOf(legs);
  const example = { accountId: String(accountId), ledger: String(sum) };
  if (sum !== balance) tally.add('accountDrift', { ...example, balance: String(balance) });
  const sequences = legs.map((leg) => leg.accountSeq);
  if (hasGap(sequences, accountSeq)) {
    tally.add('ledgerGaps', { ...example, legs: legs.length, accountSeq: String(accountSeq) });
  }
}

const noProjection = { balance: 0n, version: 0n, appliedCount: 0n, foldedSeq: 0n };

function checkProjection(
  found: {
    readonly account: Account;
    readonly legs: readonly LedgerLeg[];
    readonly projection: FinalState['projections'][number] | undefined;
  },
  tally: Tally<Count>,
): void {
  const { accountId, accountSeq } = found.account;
  const { balance, version, appliedCount, foldedSeq } = found.projection ?? noProjection;
  const ledger = sumOf(found.legs);
  const example = { accountId: String(accountId), ledger: String(ledger) };
  if (balance !== ledger) {
    tally.add('projectionDrift', { ...example, projection: found.projection === undefined ? 'none' : String(balance) });
  }
  if (version !== accountSeq || appliedCount !== version) {
    tally.add('incompleteProjections', {
      ...example,
      accountSeq: String(accountSeq),
      version: String(version),
      appliedCount: String(appliedCount),
      foldedSeq: String(foldedSeq),
    });
  }
}

function sumOf(legs: readonly LedgerLeg[]): bigint {
  return legs.reduce((total, { delta }) => total + delta, 0n);
}

/** Sequences must be exactly 1 … accountSeq. */
function hasGap(sequences: readonly bigint[], accountSeq: bigint): boolean {
  if (BigInt(sequences.length) !== accountSeq) return true;
  const sorted = [...sequences].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return sorted.some((sequence, index) => sequence !== BigInt(index + 1));
}
