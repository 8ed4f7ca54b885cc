/** What one account is judged by; all of one moment. Money in minor units. */
export interface AccountState {
  readonly accountId: bigint;
  /** Undefined where there is no such account, or accounts are not mapped. */
  readonly account: { readonly balance: bigint } | undefined;
  readonly projection: ProjectionState | undefined;
  readonly ledger: LedgerState;
  /** The legs above folded_seq one by one; undefined where counts and sums agree and nobody had to look. */
  readonly legs: LegState | undefined;
}

export interface ProjectionState {
  readonly balance: bigint;
  readonly version: bigint;
  /** null where the projection does not count. */
  readonly appliedCount: bigint | null;
  readonly foldedSeq: bigint;
}

export interface LedgerState {
  readonly legs: number;
  readonly total: bigint;
  readonly maxSeq: bigint;
  /** Σ up to the projection's version, and up to what a backfill has summed up. */
  readonly toVersion: bigint;
  readonly toFolded: bigint;
}

export const noLedger: LedgerState = { legs: 0, total: 0n, maxSeq: 0n, toVersion: 0n, toFolded: 0n };

export interface LegState {
  /** Above folded_seq and marked applied by the journal or by processed_event; undefined where neither is mapped. */
  readonly applied: { readonly legs: bigint; readonly total: bigint } | undefined;
  /** Unapplied legs below the version, or of an account without a projection; the first ones. */
  readonly unapplied: readonly UnappliedLeg[];
}

/** Where a leg is that is not applied. Only `missing` is wrong; `unexplained`: what is mapped cannot tell. */
export type Whereabouts = 'pending' | 'inRetry' | 'dead' | 'expired' | 'skipped' | 'missing' | 'unexplained';

export interface UnappliedLeg {
  readonly dedupKey: string;
  readonly accountSeq: bigint;
  readonly delta: bigint;
  readonly where: Whereabouts;
}

export type DriftKind = 'doubled' | 'missing' | 'drifted' | 'ahead' | 'orphan' | 'account-drift';

export interface Drift {
  readonly kind: DriftKind;
  readonly accountId: bigint;
  /** What is there minus what should be there. */
  readonly amount: bigint;
  readonly state: AccountState;
}

/** Counts and sums already agree, or there is nothing to compare: no leg needs to be looked at. */
export function agrees({ projection, ledger }: Omit<AccountState, 'legs'>): boolean {
  if (projection === undefined) return ledger.legs === 0;
  const { appliedCount, version, balance } = projection;
  if (version > ledger.maxSeq) return true; // ahead: its legs cannot explain it
  return (appliedCount === null || appliedCount === version) && balance === ledger.toVersion;
}

/**
 * Pure. Where applied_count = version, the balance is Σ ledger up to the version. Where it is less, Σ up to folded_seq and
 * the legs above it that are marked applied; where it is more, something was applied twice.
 */
export function judgeAccount(
  state: AccountState,
  { accountsMapped }: { readonly accountsMapped: boolean },
): readonly Drift[] {
  const { accountId, account, projection, ledger } = state;
  const drift = (kind: DriftKind, amount: bigint): Drift => ({ kind, accountId, amount, state });
  const found: Drift[] = [];
  if (account !== undefined && account.balance !== ledger.total) {
    found.push(drift('account-drift', account.balance - ledger.total));
  }
  if (projection !== undefined && accountsMapped && account === undefined) {
    found.push(drift('orphan', projection.balance - ledger.toVersion));
  } else if (projection !== undefined && projection.version > ledger.maxSeq) {
    found.push(drift('ahead', projection.balance - ledger.total));
  } else found.push(...judgeLegs(state).map(({ kind, amount }) => drift(kind, amount)));
  return found;
}

type Judged = Pick<Drift, 'kind' | 'amount'>;

function judgeLegs(state: AccountState): readonly Judged[] {
  const { legs, projection, ledger } = state;
  if (legs === undefined) return [];
  const missing = legs.unapplied.filter(({ where }) => where === 'missing');
  const lost = missing.reduce((sum, { delta }) => sum + delta, 0n);
  if (projection === undefined) {
    const applied = legs.applied ?? { legs: 0n, total: 0n };
    return applied.legs > 0n || missing.length > 0 ? [{ kind: 'missing', amount: -(applied.total + lost) }] : [];
  }
  if (legs.applied === undefined) return judgeUnmarked(projection, ledger);
  const expected = { count: projection.foldedSeq + legs.applied.legs, balance: ledger.toFolded + legs.applied.total };
  const wrong = judgeAgainst(projection, expected);
  if (missing.length === 0) return wrong === undefined ? [] : [wrong];
  if (wrong === undefined || wrong.kind === 'missing')
    return [{ kind: 'missing', amount: (wrong?.amount ?? 0n) - lost }];
  return [wrong, { kind: 'missing', amount: -lost }];
}

function judgeAgainst(
  { balance, appliedCount, version }: ProjectionState,
  expected: { readonly count: bigint; readonly balance: bigint },
): Judged | undefined {
  const amount = balance - expected.balance;
  if (appliedCount !== null && appliedCount > expected.count) return { kind: 'doubled', amount };
  if (appliedCount !== null && appliedCount < expected.count) return { kind: 'missing', amount };
  const versionIsWrong = appliedCount !== null && appliedCount > version;
  return amount !== 0n || versionIsWrong ? { kind: 'drifted', amount } : undefined;
}

/** Nothing tells which legs are applied: only counts and sums are left. */
function judgeUnmarked(
  { balance, appliedCount, version }: ProjectionState,
  { toVersion }: LedgerState,
): readonly Judged[] {
  const amount = balance - toVersion;
  if (appliedCount !== null && appliedCount > version) return [{ kind: 'doubled', amount }];
  return appliedCount === version && amount !== 0n ? [{ kind: 'drifted', amount }] : [];
}

/** An account of which nobody can tell whether it is right. */
export function isUndecided({ legs, projection, ledger }: AccountState): boolean {
  if (legs === undefined) return false;
  if (legs.unapplied.some(({ where }) => where === 'unexplained')) return true;
  if (legs.applied !== undefined || projection === undefined) return false;
  const { appliedCount, version, balance } = projection;
  return (appliedCount === null && balance !== ledger.toVersion) || (appliedCount !== null && appliedCount < version);
}
