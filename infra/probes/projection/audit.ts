import { z } from 'zod';
import { type Clock, systemClock } from '../../clock.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import type { Target } from '../../target.ts';
import { readProjectorProgress } from '../pipeline/projector-progress.ts';
import type { Subject } from '../probe.ts';
import { notMapped, UnknownValue } from '../reading.ts';
import { type AccountState, type Drift, isUndecided, judgeAccount, type Whereabouts } from './judge.ts';
import type { SequencedLedger } from './legs.ts';
import { type AccountRange, type AuditRoles, readWindow, type VersionedProjection, windowEnd } from './windows.ts';

export interface ProjectionAudit {
  /** Accounts that have a row in accounts, projection or ledger. */
  readonly accounts: number;
  /** Rows of the projection, Σ of their balances, and their checksum as the native command gives it. */
  readonly rows: number;
  readonly balance: bigint;
  readonly checksum: number;
  /** Σ of the ledger up to each account's version: what the balances should sum to when all is applied. */
  readonly ledger: bigint;
  /** Accounts some of whose legs are above the version: on their way. */
  readonly behind: number;
  /** Accounts of which the mapped roles cannot tell. */
  readonly undecided: number;
  /** Legs below their account's version, or of accounts without a projection, that are not applied; of the first ones. */
  readonly unapplied: Readonly<Record<Whereabouts, number>>;
  readonly drifts: Readonly<Record<Drift['kind'], number>>;
  /** The first of them. */
  readonly examples: readonly Drift[];
}

export interface AuditOptions {
  readonly subject: Subject | undefined;
  readonly signal: AbortSignal;
  readonly keep: number;
  readonly clock?: Clock;
  readonly onProgress?: (accounts: number) => void;
}

const snapshotTimeoutMs = 120_000;
const firstSize = 100;
/** Accounts in a window: each window is one open view, which holds back purge for as long as it lasts. */
const sizeMin = 20;
const sizeMax = 2_000;
const goalMs = 700;

/**
 * Compares every account's projection with its ledger, each window of accounts as it was at one moment, so that nothing
 * that is on its way looks wrong. Its cost is one look at every ledger leg.
 * @throws UnknownValue when projection or ledger, or what orders them, is not mapped; else what MySQL's client throws.
 */
export async function auditProjection(target: Target, options: AuditOptions): Promise<ProjectionAudit> {
  const roles = auditRoles(target);
  const audit = emptyAudit();
  const progress = await readProjectorProgress(target);
  for await (const window of windowsOf(target.mysql, roles, options)) {
    const read = await target.mysql.snapshot(
      async (reader) => {
        const upTo =
          window.range.upTo ?? (await windowEnd(reader, roles, { after: window.range.after, size: window.size }));
        const range = { after: window.range.after, upTo };
        return { range, ...(await readWindow(reader, roles, { range, progress })) };
      },
      { timeoutMs: snapshotTimeoutMs, signal: options.signal },
    );
    audit.rows += read.rows;
    audit.checksum = (audit.checksum ^ read.checksum) >>> 0;
    for (const state of read.states)
      take(audit, state, { accountsMapped: roles.accounts !== undefined, keep: options.keep });
    options.onProgress?.(audit.accounts);
    window.ended(read.range.upTo);
  }
  return audit;
}

/** @throws UnknownValue */
export function auditRoles({ roles }: Pick<Target, 'roles'>): AuditRoles {
  const { ledger, projection, accounts } = roles;
  if (projection?.version === undefined || ledger?.accountSeq === undefined) throw new UnknownValue(notMapped);
  return { roles, ledger: ledger as SequencedLedger, projection: projection as VersionedProjection, accounts };
}

interface NextWindow {
  readonly range: AccountRange;
  readonly size: number;
  /** To be told where it ended, when all of it is done. */
  ended(upTo: bigint | undefined): void;
}

async function* windowsOf(
  mysql: ReadOnlyMysql,
  roles: AuditRoles,
  { subject, clock = systemClock }: AuditOptions,
): AsyncGenerator<NextWindow> {
  const only = await accountsOf(mysql, roles, subject);
  if (only !== undefined) {
    for (const id of only) yield { range: { after: id - 1n, upTo: id }, size: 1, ended: () => {} };
    return;
  }
  let [after, size]: [bigint | undefined, number] = [undefined, firstSize];
  for (;;) {
    const startMs = clock.monotonic();
    let end: bigint | undefined;
    yield { range: { after, upTo: undefined }, size, ended: (upTo) => (end = upTo) };
    if (end === undefined) return;
    after = end;
    const factor = Math.min(2, goalMs / Math.max(1, clock.monotonic() - startMs));
    size = Math.max(sizeMin, Math.min(sizeMax, Math.round(size * factor)));
  }
}

/** undefined: all of them. */
async function accountsOf(
  mysql: ReadOnlyMysql,
  { ledger }: AuditRoles,
  subject: Subject | undefined,
): Promise<readonly bigint[] | undefined> {
  if (subject?.accountId !== undefined) return [subject.accountId];
  if (subject?.txId === undefined) return undefined;
  const rows = await mysql.query(
    `SELECT DISTINCT ${quote(ledger.accountId)} AS account_id FROM ${quote(ledger.table)}
     WHERE ${quote(ledger.txId)} = ? LIMIT 1000`,
    [subject.txId],
    z.object({ account_id: z.coerce.bigint() }),
  );
  return rows.map(({ account_id }) => account_id);
}

type GrowingAudit = { -readonly [Name in keyof ProjectionAudit]: ProjectionAudit[Name] } & {
  readonly unapplied: Record<Whereabouts, number>;
  readonly drifts: Record<Drift['kind'], number>;
  readonly examples: Drift[];
};

const emptyAudit = (): GrowingAudit => ({
  accounts: 0,
  rows: 0,
  balance: 0n,
  checksum: 0,
  ledger: 0n,
  behind: 0,
  undecided: 0,
  unapplied: { pending: 0, inRetry: 0, dead: 0, expired: 0, skipped: 0, missing: 0, unexplained: 0 },
  drifts: { doubled: 0, missing: 0, drifted: 0, ahead: 0, orphan: 0, 'account-drift': 0 },
  examples: [],
});

function take(
  audit: GrowingAudit,
  state: AccountState,
  { accountsMapped, keep }: { readonly accountsMapped: boolean; readonly keep: number },
): void {
  const { projection, ledger, legs } = state;
  audit.accounts += 1;
  audit.balance += projection?.balance ?? 0n;
  audit.ledger += projection === undefined ? 0n : ledger.toVersion;
  if (ledger.maxSeq > (projection?.version ?? 0n)) audit.behind += 1;
  if (isUndecided(state)) audit.undecided += 1;
  for (const { where } of legs?.unapplied ?? []) audit.unapplied[where] += 1;
  for (const drift of judgeAccount(state, { accountsMapped })) {
    audit.drifts[drift.kind] += 1;
    if (audit.examples.length < keep) audit.examples.push(drift);
  }
}
