import { z } from 'zod';
import type { EffectsRole, LedgerRole, ProjectionRole, RoleMap } from '../contract/role-map.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { ReadOnlyMysql, SqlReader, SqlValue } from '../mysql/read-only.ts';
import type { AskContext, DiagnosisFinding } from './diagnosis.ts';
import { estimatedRows, type KeyWindow, keyWindows, placeholders } from './key-windows.ts';

/** One row of the effect journal. */
export interface EffectCopy {
  readonly id: string | null;
  readonly dedupKey: string;
  readonly accountId: bigint | null;
  readonly accountSeq: bigint | null;
  readonly delta: bigint | null;
  readonly partition: number | null;
  readonly offset: string | null;
  readonly appliedAt: string;
}

/** All copies of one dedup_key, and what they are judged against; all of one moment. */
export interface SuspectKey {
  readonly dedupKey: string;
  readonly copies: readonly EffectCopy[];
  /** Highest account_seq that a backfill has summed up already; 0n where there was none. */
  readonly foldedSeq: bigint;
  /** The ledger's own amount; undefined where there is no such leg, or it cannot be looked up. */
  readonly ledgerDelta: bigint | undefined;
}

export interface JournalAnswer {
  readonly checked: number;
  /** Keys above folded_seq that are there more than once. */
  readonly doubled: number;
  /** Of those: the copies differ in their amount. */
  readonly conflicting: number;
  /** Keys that are there more than once, and that a backfill has put right since. */
  readonly absorbed: number;
  /** Minor units that are applied and should not be: the amounts without their signs, so that none hides another. */
  readonly surplus: bigint;
  readonly findings: readonly DiagnosisFinding[];
}

/** Which of the journal's rows are looked at; undefined: all of them. */
export type JournalPart = { readonly where: string; readonly params: readonly SqlValue[] } | undefined;

const suspectsAtOnce = 200;
const counted = z.object({ checked: z.coerce.number(), keys_found: z.coerce.number() });

/** Windows in the order of dedup_key, so that all copies of a key meet; a window without doubled keys costs two scans. */
export async function journalDuplicates(
  mysql: ReadOnlyMysql,
  { effects, roles }: { readonly effects: EffectsRole; readonly roles: RoleMap },
  { part, keep, context }: { readonly part: JournalPart; readonly keep: number; readonly context: AskContext },
): Promise<JournalAnswer> {
  const { signal } = context;
  const of = part === undefined ? await estimatedRows(mysql, effects.table) : undefined;
  const windows =
    part === undefined ? keyWindows(mysql, { table: effects.table, key: effects.dedupKey }, { signal }) : [part];
  const answer = {
    checked: 0,
    doubled: 0,
    conflicting: 0,
    absorbed: 0,
    surplus: 0n,
    findings: [] as DiagnosisFinding[],
  };
  for await (const window of windows) {
    const [count] = await mysql.longQuery(countSql(effects, window), window.params, counted, { signal });
    answer.checked += count?.checked ?? 0;
    if (count !== undefined && count.checked > count.keys_found) {
      const keys = await doubledKeys(mysql, effects, window, signal);
      for (let start = 0; start < keys.length; start += suspectsAtOnce) {
        const some = keys.slice(start, start + suspectsAtOnce);
        const suspects = await mysql.snapshot((reader) => readSuspects(reader, { effects, roles }, some), { signal });
        for (const suspect of suspects) take(answer, suspect, keep);
      }
    }
    context.onProgress({ what: { ko: '효과 저널의 행', en: 'rows of the effect journal' }, done: answer.checked, of });
  }
  return answer;
}

type GrowingAnswer = { -readonly [Name in keyof JournalAnswer]: JournalAnswer[Name] } & {
  readonly findings: DiagnosisFinding[];
};

function take(answer: GrowingAnswer, suspect: SuspectKey, keep: number): void {
  const verdict = judgeKey(suspect);
  if (verdict.kind === 'single') return;
  if (verdict.kind === 'absorbed') {
    answer.absorbed += 1;
    return;
  }
  answer.doubled += 1;
  if (verdict.kind === 'conflicting') answer.conflicting += 1;
  answer.surplus += magnitude(verdict.surplus ?? 0n);
  if (answer.findings.length < keep) answer.findings.push(findingOf(suspect, verdict));
}

const countSql = ({ table, dedupKey }: EffectsRole, { where }: KeyWindow): string =>
  `SELECT COUNT(${quote(dedupKey)}) AS checked, COUNT(DISTINCT ${quote(dedupKey)}) AS keys_found
   FROM ${quote(table)} WHERE ${where}`;

async function doubledKeys(
  mysql: ReadOnlyMysql,
  { table, dedupKey }: EffectsRole,
  { where, params }: KeyWindow,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await mysql.longQuery(
    `SELECT ${quote(dedupKey)} AS dedup_key FROM ${quote(table)} WHERE ${where}
     GROUP BY ${quote(dedupKey)} HAVING COUNT(*) > 1`,
    params,
    z.object({ dedup_key: z.string() }),
    { signal },
  );
  return rows.map((row) => row.dedup_key);
}

const copyRow = z.object({
  id: z.coerce.string().nullable(),
  dedup_key: z.string(),
  account_id: z.coerce.bigint().nullable(),
  account_seq: z.coerce.bigint().nullable(),
  delta: z.coerce.bigint().nullable(),
  partition_id: z.coerce.number().nullable(),
  record_offset: z.coerce.string().nullable(),
  applied_at: z.coerce.string(),
});

async function readSuspects(
  reader: SqlReader,
  { effects, roles }: { readonly effects: EffectsRole; readonly roles: RoleMap },
  keys: readonly string[],
): Promise<readonly SuspectKey[]> {
  const column = (name: string | undefined, as: string): string =>
    `${name === undefined ? 'NULL' : quote(name)} AS ${as}`;
  const rows = await reader.query(
    `SELECT ${column(effects.id, 'id')}, ${column(effects.dedupKey, 'dedup_key')}, ${column(effects.accountId, 'account_id')},
       ${column(effects.accountSeq, 'account_seq')}, ${column(effects.delta, 'delta')},
       ${column(effects.partition, 'partition_id')}, ${column(effects.offset, 'record_offset')},
       ${column(effects.appliedAt, 'applied_at')}
     FROM ${quote(effects.table)} WHERE ${quote(effects.dedupKey)} IN (${placeholders(keys)})
     ORDER BY ${quote(effects.id ?? effects.appliedAt)}`,
    keys,
    copyRow,
  );
  const copies = rows.map(
    (row): EffectCopy => ({
      id: row.id,
      dedupKey: row.dedup_key,
      accountId: row.account_id,
      accountSeq: row.account_seq,
      delta: row.delta,
      partition: row.partition_id,
      offset: row.record_offset,
      appliedAt: row.applied_at,
    }),
  );
  const folded = await readFolded(reader, roles.projection, copies);
  const amounts = await readAmounts(reader, roles.ledger, copies);
  return [...Map.groupBy(copies, ({ dedupKey }) => dedupKey)].map(([dedupKey, same]) => ({
    dedupKey,
    copies: same,
    foldedSeq: folded.get(same[0]?.accountId ?? 0n) ?? 0n,
    ledgerDelta: amounts.get(legKey(same[0])),
  }));
}

async function readFolded(
  reader: SqlReader,
  projection: ProjectionRole | undefined,
  copies: readonly EffectCopy[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const accounts = [...new Set(copies.flatMap(({ accountId }) => accountId ?? []))];
  if (projection?.foldedSeq === undefined || accounts.length === 0) return new Map();
  const rows = await reader.query(
    `SELECT ${quote(projection.accountId)} AS account_id, ${quote(projection.foldedSeq)} AS folded_seq
     FROM ${quote(projection.table)} WHERE ${quote(projection.accountId)} IN (${placeholders(accounts)})`,
    accounts,
    z.object({ account_id: z.coerce.bigint(), folded_seq: z.coerce.bigint() }),
  );
  return new Map(rows.map((row) => [row.account_id, row.folded_seq]));
}

const legKey = (copy: Pick<EffectCopy, 'accountId' | 'accountSeq'> | undefined): string =>
  `${copy?.accountId}/${copy?.accountSeq}`;

/** What the ledger says about the same leg; nothing where the journal does not say which leg it was. */
async function readAmounts(
  reader: SqlReader,
  ledger: LedgerRole | undefined,
  copies: readonly EffectCopy[],
): Promise<ReadonlyMap<string, bigint>> {
  const legs = [...new Map(copies.map((copy) => [legKey(copy), copy])).values()];
  const known = legs.filter(({ accountId, accountSeq }) => accountId !== null && accountSeq !== null);
  if (ledger?.accountSeq === undefined || known.length === 0) return new Map();
  const rows = await reader.query(
    `SELECT ${quote(ledger.accountId)} AS account_id, ${quote(ledger.accountSeq)} AS account_seq,
       ${quote(ledger.delta)} AS delta FROM ${quote(ledger.table)}
     WHERE (${quote(ledger.accountId)}, ${quote(ledger.accountSeq)}) IN (${known.map(() => '(?, ?)').join(', ')})`,
    known.flatMap(({ accountId, accountSeq }) => [accountId, accountSeq]),
    z.object({ account_id: z.coerce.bigint(), account_seq: z.coerce.bigint(), delta: z.coerce.bigint() }),
  );
  return new Map(
    rows.map(({ account_id, account_seq, delta }) => [
      legKey({ accountId: account_id, accountSeq: account_seq }),
      delta,
    ]),
  );
}

export const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

export type KeyVerdict =
  | { readonly kind: 'single' }
  | { readonly kind: 'absorbed' }
  | {
      readonly kind: 'doubled' | 'conflicting';
      /** The copies that count: those above folded_seq. */
      readonly counted: readonly EffectCopy[];
      /** Minor units too many; undefined where nobody can tell which of different amounts is right. */
      readonly surplus: bigint | undefined;
    };

/** Pure. What a backfill has summed up needs no effect of its own, so its copies no longer count. */
export function judgeKey({ copies, foldedSeq, ledgerDelta }: Omit<SuspectKey, 'dedupKey'>): KeyVerdict {
  const counted = copies.filter(({ accountSeq }) => accountSeq === null || accountSeq > foldedSeq);
  if (counted.length < 2) return { kind: copies.length < 2 ? 'single' : 'absorbed' };
  const [first, ...others] = counted.map(({ delta }) => delta);
  const sum = (deltas: readonly (bigint | null | undefined)[]): bigint | undefined =>
    deltas.reduce<bigint | undefined>(
      (total, delta) => (total === undefined || delta == null ? undefined : total + delta),
      0n,
    );
  if (others.every((delta) => delta === first)) return { kind: 'doubled', counted, surplus: sum(others) };
  const all = sum([first, ...others]);
  const surplus = all === undefined || ledgerDelta === undefined ? undefined : all - ledgerDelta;
  return { kind: 'conflicting', counted, surplus };
}

function findingOf(
  { dedupKey, ledgerDelta }: SuspectKey,
  { kind, counted, surplus }: Extract<KeyVerdict, { kind: 'doubled' | 'conflicting' }>,
): DiagnosisFinding {
  const places = new Set(counted.map(({ partition, offset }) => `${partition}/${offset}`));
  const oneRecord = places.size === 1 && counted[0]?.offset != null;
  const account = String(counted[0]?.accountId ?? '?');
  const amount = surplus === undefined ? '?' : String(surplus);
  const from = oneRecord
    ? { ko: `같은 레코드(${[...places].join()})에서`, en: `from one record (${[...places].join()})` }
    : { ko: '서로 다른 레코드에서', en: 'from different records' };
  const different = kind === 'conflicting';
  return {
    key: `${kind}.${dedupKey}`,
    kind,
    severity: 'critical',
    text: {
      ko: `${dedupKey}이(가) ${from.ko} ${counted.length}번 반영됨${different ? ' (금액도 서로 다름)' : ''}: 계좌 ${account}의 잔액이 ${amount}만큼 틀림`,
      en: `${dedupKey} was applied ${counted.length} times ${from.en}${different ? ', with different amounts' : ''}: account ${account} is off by ${amount}`,
    },
    rung: 'effect journal',
    evidence: counted.map((copy) => ({
      row: copy.id,
      account_id: copy.accountId === null ? null : String(copy.accountId),
      account_seq: copy.accountSeq === null ? null : String(copy.accountSeq),
      delta: copy.delta === null ? null : String(copy.delta),
      ledger_delta: ledgerDelta === undefined ? null : String(ledgerDelta),
      partition: copy.partition,
      offset: copy.offset,
      applied_at: copy.appliedAt,
    })),
    trace: dedupKey,
  };
}
