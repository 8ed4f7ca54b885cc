import { z } from 'zod';
import type { LedgerRole } from '../contract/role-map.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { ReadOnlyMysql, SqlValue } from '../mysql/read-only.ts';
import type { AskContext, DiagnosisFinding } from './diagnosis.ts';
import { magnitude } from './duplicates-journal.ts';
import { estimatedRows, keyWindows } from './key-windows.ts';

export interface LedgerAnswer {
  /** Legs looked at; 0 where a unique key makes looking needless. */
  readonly checked: number;
  /** By what the table itself rules out doubled legs. */
  readonly uniqueKey: string | undefined;
  readonly doubled: number;
  readonly conflicting: number;
  /** Minor units entered too often; of legs with equal amounts only: which of different ones is right, nobody can tell. */
  readonly surplus: bigint;
  readonly findings: readonly DiagnosisFinding[];
}

const countRow = z.object({ checked: z.coerce.number(), legs: z.coerce.number() });
const groupRow = z.object({ tx_id: z.coerce.string(), account_id: z.coerce.bigint() });
const legRow = z.object({
  id: z.coerce.string(),
  account_seq: z.coerce.string().nullable(),
  delta: z.coerce.bigint(),
  created_at: z.coerce.string(),
});

/** The same transaction on the same account twice in the ledger itself, where no unique key rules it out. */
export async function ledgerDuplicates(
  mysql: ReadOnlyMysql,
  ledger: LedgerRole,
  {
    part,
    keep,
    context,
  }: {
    readonly part: { readonly where: string; readonly params: readonly SqlValue[] } | undefined;
    readonly keep: number;
    readonly context: AskContext;
  },
): Promise<LedgerAnswer> {
  const uniqueKey = await uniqueKeyOver(mysql, ledger);
  const answer = { checked: 0, uniqueKey, doubled: 0, conflicting: 0, surplus: 0n, findings: [] as DiagnosisFinding[] };
  if (uniqueKey !== undefined) return answer;
  const { signal } = context;
  const [tx, account] = [quote(ledger.txId), quote(ledger.accountId)];
  const of = part === undefined ? await estimatedRows(mysql, ledger.table) : undefined;
  const windows =
    part === undefined ? keyWindows(mysql, { table: ledger.table, key: ledger.txId }, { signal }) : [part];
  for await (const { where, params } of windows) {
    const from = `FROM ${quote(ledger.table)} WHERE ${where}`;
    const [count] = await mysql.longQuery(
      `SELECT COUNT(*) AS checked, COUNT(DISTINCT ${tx}, ${account}) AS legs ${from}`,
      params,
      countRow,
      { signal },
    );
    answer.checked += count?.checked ?? 0;
    if (count !== undefined && count.checked > count.legs) {
      const groups = await mysql.longQuery(
        `SELECT ${tx} AS tx_id, ${account} AS account_id ${from} GROUP BY ${tx}, ${account} HAVING COUNT(*) > 1`,
        params,
        groupRow,
        { signal },
      );
      for (const group of groups) await take(mysql, ledger, { group, answer, keep });
    }
    context.onProgress({ what: { ko: '원장의 행', en: 'rows of the ledger' }, done: answer.checked, of });
  }
  return answer;
}

type GrowingAnswer = { -readonly [Name in keyof LedgerAnswer]: LedgerAnswer[Name] } & {
  readonly findings: DiagnosisFinding[];
};

async function take(
  mysql: ReadOnlyMysql,
  ledger: LedgerRole,
  { group, answer, keep }: { group: z.infer<typeof groupRow>; answer: GrowingAnswer; keep: number },
): Promise<void> {
  const seq = ledger.accountSeq === undefined ? 'NULL' : quote(ledger.accountSeq);
  const legs = await mysql.longQuery(
    `SELECT ${quote(ledger.id)} AS id, ${seq} AS account_seq, ${quote(ledger.delta)} AS delta,
       ${quote(ledger.createdAt)} AS created_at
     FROM ${quote(ledger.table)} WHERE ${quote(ledger.txId)} = ? AND ${quote(ledger.accountId)} = ?
     ORDER BY ${quote(ledger.id)}`,
    [group.tx_id, group.account_id],
    legRow,
  );
  const [first, ...others] = legs;
  if (first === undefined || others.length === 0) return;
  const equal = others.every(({ delta }) => delta === first.delta);
  const surplus = equal ? others.reduce((total, { delta }) => total + delta, 0n) : undefined;
  answer.doubled += 1;
  if (surplus === undefined) answer.conflicting += 1;
  else answer.surplus += magnitude(surplus);
  if (answer.findings.length >= keep) return;
  const account = String(group.account_id);
  const kind = equal ? 'ledger-doubled' : 'ledger-conflicting';
  answer.findings.push({
    key: `${kind}.${group.tx_id}:${account}`,
    kind,
    severity: 'critical',
    text: {
      ko: `거래 ${group.tx_id}이(가) 원장에 계좌 ${account}(으)로 ${legs.length}번 기입됨${equal ? `, 원장이 ${surplus}만큼 틀림` : ', 금액이 서로 달라 어느 것이 맞는지 알 수 없음'}`,
      en: `transaction ${group.tx_id} is in the ledger ${legs.length} times for account ${account}${equal ? `, the ledger is off by ${surplus}` : ', with different amounts: which is right cannot be told'}`,
    },
    evidence: legs.map((leg) => ({
      row: leg.id,
      account_id: account,
      account_seq: leg.account_seq,
      delta: String(leg.delta),
      created_at: leg.created_at,
    })),
    trace: group.tx_id,
  });
}

const indexRow = z.object({ index_name: z.string(), column_names: z.string() });

/** @returns the name of a unique key whose columns are all of (transaction, account), or the effect's own identity. */
async function uniqueKeyOver(mysql: ReadOnlyMysql, ledger: LedgerRole): Promise<string | undefined> {
  const indexes = await mysql.query(
    `SELECT INDEX_NAME AS index_name, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR '\\n') AS column_names
     FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0
     GROUP BY INDEX_NAME`,
    [ledger.table],
    indexRow,
  );
  const identity = new Set([ledger.txId, ledger.accountId, ledger.dedupKey].map((name) => name?.toLowerCase()));
  return indexes.find(({ column_names }) =>
    column_names
      .toLowerCase()
      .split('\n')
      .every((column) => identity.has(column)),
  )?.index_name;
}
