import { z } from 'zod';
import type { AccountsRole, EffectsRole, ProjectionRole, RoleMap } from '../contract/role-map.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { ReadOnlyMysql, SqlReader } from '../mysql/read-only.ts';
import type { AskContext, DiagnosisFinding } from './diagnosis.ts';
import { magnitude } from './duplicates-journal.ts';
import { estimatedRows, type KeyWindow, keyWindows } from './key-windows.ts';

/** A projection that counts its effects. */
export type CountingProjection = ProjectionRole & { readonly version: string; readonly appliedCount: string };

export function isCounting(projection: ProjectionRole | undefined): projection is CountingProjection {
  return projection?.version !== undefined && projection.appliedCount !== undefined;
}

export interface CountsAnswer {
  readonly checked: number;
  /** Accounts that applied more effects than they have legs up to their version, and the journal does not say which. */
  readonly overcounted: number;
  /** Without signs, as the journal's. */
  readonly surplus: bigint;
  readonly findings: readonly DiagnosisFinding[];
}

const suspectRow = z.object({
  account_id: z.coerce.bigint(),
  balance: z.coerce.bigint(),
  version: z.coerce.bigint(),
  applied_count: z.coerce.bigint(),
  folded_seq: z.coerce.bigint().nullable(),
});
type Suspect = z.infer<typeof suspectRow>;

/**
 * Ledger against projection: account_seq has no gaps, so an account cannot have applied more effects than its version. A
 * row is written whole, so no reading of it is a passing one. What the journal has named already is not told twice.
 */
export async function overcountedAccounts(
  mysql: ReadOnlyMysql,
  { projection, roles }: { readonly projection: CountingProjection; readonly roles: RoleMap },
  {
    accounts,
    keep,
    context,
  }: { readonly accounts: readonly bigint[] | undefined; readonly keep: number; readonly context: AskContext },
): Promise<CountsAnswer> {
  const { signal } = context;
  const of = accounts === undefined ? await estimatedRows(mysql, projection.table) : accounts.length;
  const answer = { checked: 0, overcounted: 0, surplus: 0n, findings: [] as DiagnosisFinding[] };
  for await (const { where, params } of windowsOf(mysql, projection, { accounts, signal })) {
    const [count] = await mysql.longQuery(
      `SELECT COUNT(*) AS checked, COALESCE(SUM(${over(projection)}), 0) AS over_count
       FROM ${quote(projection.table)} WHERE ${where}`,
      params,
      z.object({ checked: z.coerce.number(), over_count: z.coerce.number() }),
      { signal },
    );
    answer.checked += count?.checked ?? 0;
    const found =
      count === undefined || count.over_count === 0 ? [] : await suspectsIn(mysql, projection, { where, params });
    for (const accountId of found) {
      const unnamed = await mysql.snapshot((reader) => unnamedSurplus(reader, { projection, roles }, accountId), {
        signal,
      });
      if (unnamed === undefined) continue;
      answer.overcounted += 1;
      answer.surplus += magnitude(unnamed.amount ?? 0n);
      if (answer.findings.length < keep) answer.findings.push(findingOf(unnamed));
    }
    context.onProgress({ what: { ko: '프로젝션의 계좌', en: 'accounts of the projection' }, done: answer.checked, of });
  }
  return answer;
}

function windowsOf(
  mysql: ReadOnlyMysql,
  { table, accountId }: CountingProjection,
  { accounts, signal }: { readonly accounts: readonly bigint[] | undefined; readonly signal: AbortSignal },
): AsyncIterable<KeyWindow> | Iterable<KeyWindow> {
  if (accounts === undefined) return keyWindows(mysql, { table, key: accountId }, { signal });
  return accounts.map((id) => ({ where: `${quote(accountId)} = ?`, params: [id] }));
}

const over = ({ appliedCount, version }: CountingProjection): string => `${quote(appliedCount)} > ${quote(version)}`;

async function suspectsIn(
  mysql: ReadOnlyMysql,
  projection: CountingProjection,
  { where, params }: KeyWindow,
): Promise<readonly bigint[]> {
  const rows = await mysql.longQuery(
    `SELECT ${quote(projection.accountId)} AS account_id FROM ${quote(projection.table)}
     WHERE ${where} AND ${over(projection)}`,
    params,
    z.object({ account_id: z.coerce.bigint() }),
  );
  return rows.map(({ account_id }) => account_id);
}

interface Unnamed extends Suspect {
  /** Effects too many that no journal row shows as a copy. */
  readonly effects: bigint;
  /** Minor units too many, without those the journal has named; undefined where the ledger cannot tell. */
  readonly amount: bigint | undefined;
}

/** All of one moment. @returns undefined when it is no longer so, or the journal shows every copy. */
async function unnamedSurplus(
  reader: SqlReader,
  { projection, roles }: { readonly projection: CountingProjection; readonly roles: RoleMap },
  accountId: bigint,
): Promise<Unnamed | undefined> {
  const folded = projection.foldedSeq === undefined ? 'NULL' : quote(projection.foldedSeq);
  const [row] = await reader.query(
    `SELECT ${quote(projection.accountId)} AS account_id, ${quote(projection.balance)} AS balance,
       ${quote(projection.version)} AS version, ${quote(projection.appliedCount)} AS applied_count, ${folded} AS folded_seq
     FROM ${quote(projection.table)} WHERE ${quote(projection.accountId)} = ?`,
    [accountId],
    suspectRow,
  );
  if (row === undefined || row.applied_count <= row.version) return undefined;
  const named = await namedByJournal(reader, roles.effects, row);
  const effects = row.applied_count - row.version - named.effects;
  if (effects <= 0n) return undefined;
  const sum = await ledgerSum(reader, roles, row);
  return { ...row, effects, amount: sum === undefined ? undefined : row.balance - sum - named.amount };
}

const namedRow = z.object({ effects: z.coerce.bigint(), amount: z.coerce.bigint().nullable() });

async function namedByJournal(
  reader: SqlReader,
  effects: EffectsRole | undefined,
  { account_id, folded_seq }: Suspect,
): Promise<{ readonly effects: bigint; readonly amount: bigint }> {
  const none = { effects: 0n, amount: 0n };
  if (effects?.accountId === undefined || effects.delta === undefined) return none;
  const above = effects.accountSeq === undefined ? '' : `AND ${quote(effects.accountSeq)} > ?`;
  const [row] = await reader.query(
    `SELECT COALESCE(SUM(copies - 1), 0) AS effects, SUM(total - least) AS amount FROM (
       SELECT COUNT(*) AS copies, SUM(${quote(effects.delta)}) AS total, MIN(${quote(effects.delta)}) AS least
       FROM ${quote(effects.table)} WHERE ${quote(effects.accountId)} = ? ${above}
       GROUP BY ${quote(effects.dedupKey)} HAVING COUNT(*) > 1) doubled`,
    [account_id, ...(above === '' ? [] : [folded_seq ?? 0n])],
    namedRow,
  );
  return row === undefined ? none : { effects: row.effects, amount: row.amount ?? 0n };
}

async function ledgerSum(
  reader: SqlReader,
  { ledger, accounts }: Pick<RoleMap, 'ledger' | 'accounts'>,
  { account_id, version }: Suspect,
): Promise<bigint | undefined> {
  if (ledger?.accountSeq === undefined) return undefined;
  const opening = openingSql(accounts, account_id);
  const [row] = await reader.query(
    `SELECT COALESCE(SUM(${quote(ledger.delta)}), 0) + ${opening.sql} AS total FROM ${quote(ledger.table)}
     WHERE ${quote(ledger.accountId)} = ? AND ${quote(ledger.accountSeq)} <= ?`,
    [...opening.params, account_id, version],
    z.object({ total: z.coerce.bigint() }),
  );
  return row?.total;
}

/** What the account had before its first leg. */
function openingSql(accounts: AccountsRole | undefined, accountId: bigint) {
  if (accounts?.openingBalance === undefined) return { sql: '0', params: [] };
  const of = `FROM ${quote(accounts.table)} WHERE ${quote(accounts.accountId)} = ?`;
  return { sql: `COALESCE((SELECT ${quote(accounts.openingBalance)} ${of}), 0)`, params: [accountId] };
}

function findingOf({
  account_id,
  balance,
  version,
  applied_count,
  folded_seq,
  effects,
  amount,
}: Unnamed): DiagnosisFinding {
  const account = String(account_id);
  const money = amount === undefined ? '?' : String(amount);
  return {
    key: `overcounted.${account}`,
    kind: 'overcounted',
    severity: 'critical',
    text: {
      ko: `계좌 ${account}: 원장보다 효과가 ${effects}번 더 반영됨, 잔액이 ${money}만큼 틀림`,
      en: `account ${account} applied ${effects} more effects than it has ledger legs, and is off by ${money}`,
    },
    rung: 'ledger against projection',
    evidence: [
      {
        account_id: account,
        applied_count: String(applied_count),
        version: String(version),
        folded_seq: folded_seq === null ? null : String(folded_seq),
        balance: String(balance),
        ledger: amount === undefined ? null : String(balance - amount),
      },
    ],
  };
}
