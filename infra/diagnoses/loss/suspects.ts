import { z } from 'zod';
import type { LedgerRole, OutboxRole, RoleMap } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql, SqlReader } from '../../mysql/read-only.ts';
import type { Subject } from '../../probes/probe.ts';
import { type AppliedRung, notApplied, placeholders, type SqlPart } from './applied.ts';
import type { Walk, Window } from './windows.ts';

/** An event that no table shows as applied, as its row stood when it was read. */
export interface Suspect {
  readonly dedupKey: string;
  /** ledger: there was no outbox row for it. outbox: there is one, and it is SENT. */
  readonly source: 'ledger' | 'outbox';
  readonly rowId: string;
  /** Since the row was written, by MySQL's clock. */
  readonly ageMs: number;
  readonly createdAtMs: number;
  /** Where the relay says that it stands; undefined where nothing says so. */
  readonly sent: { readonly partition: number; readonly offset: bigint } | undefined;
}

const suspectRow = z.object({
  dedup_key: z.string(),
  row_id: z.string(),
  age_us: z.coerce.number(),
  created_us: z.coerce.number(),
  sent_partition: z.coerce.number().nullable(),
  sent_offset: z.coerce.bigint().nullable(),
});

/** The identity of a leg's effect, as SQL over its row. */
export const dedupKeySql = ({ dedupKey, txId, accountId }: LedgerRole, alias: string): string =>
  dedupKey === undefined
    ? `CONCAT(${alias}.${quote(txId)}, ':', ${alias}.${quote(accountId)})`
    : `${alias}.${quote(dedupKey)}`;

const times = (createdAt: string): string =>
  `TIMESTAMPDIFF(MICROSECOND, ${createdAt}, NOW(6)) AS age_us, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${createdAt}) AS created_us`;

/** Legs of the window that were neither applied nor put into the outbox; or not applied, whatever the outbox says. */
export async function suspectLegs(
  mysql: ReadOnlyMysql,
  { ledger, outbox, projection }: Pick<RoleMap, 'outbox' | 'projection'> & { readonly ledger: LedgerRole },
  { rungs, walk, window, timeoutMs, whateverTheOutbox = false }: Look & { readonly whateverTheOutbox?: boolean },
): Promise<readonly Suspect[]> {
  const { id, only } = walk;
  const key = dedupKeySql(ledger, 'l');
  const unapplied = notApplied(rungs, key);
  const seq = ledger.accountSeq;
  const folded =
    projection?.foldedSeq === undefined || seq === undefined
      ? ''
      : `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM ${quote(projection.table)} p
           WHERE p.${quote(projection.accountId)} = l.${quote(ledger.accountId)} AND p.${quote(projection.foldedSeq)} >= l.${quote(seq)})`;
  const noRow =
    outbox === undefined || whateverTheOutbox
      ? ''
      : `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM ${quote(outbox.table)} o WHERE o.${quote(outbox.dedupKey)} = ${key})`;
  const sql = `SELECT ${key} AS dedup_key, l.${quote(ledger.id)} AS row_id, ${times(`l.${quote(ledger.createdAt)}`)},
      NULL AS sent_partition, NULL AS sent_offset
    FROM ${quote(ledger.table)} l WHERE l.${quote(id)} > ? AND l.${quote(id)} <= ? ${only.sql}
      ${unapplied.sql} ${folded} ${noRow}`;
  const params = [window.after, window.upTo, ...only.params, ...unapplied.params];
  const rows = await mysql.longQuery(sql, params, suspectRow, { timeoutMs });
  return rows.map((row) => suspectOf(row, 'ledger'));
}

export interface Look {
  readonly rungs: readonly AppliedRung[];
  readonly walk: Walk;
  readonly window: Window;
  readonly timeoutMs: number;
}

/** Rows of the window that were sent and not applied. */
export async function suspectRows(
  mysql: ReadOnlyMysql,
  outbox: OutboxRole,
  { rungs, walk, window, timeoutMs }: Look,
): Promise<readonly Suspect[]> {
  const { id, only } = walk;
  const key = `o.${quote(outbox.dedupKey)}`;
  const unapplied = notApplied(rungs, key);
  const place = (column: string | undefined): string => (column === undefined ? 'NULL' : `o.${quote(column)}`);
  const sql = `SELECT ${key} AS dedup_key, o.${quote(outbox.id)} AS row_id, ${times(`o.${quote(outbox.createdAt)}`)},
      ${place(outbox.sentPartition)} AS sent_partition, ${place(outbox.sentOffset)} AS sent_offset
    FROM ${quote(outbox.table)} o WHERE o.${quote(id)} > ? AND o.${quote(id)} <= ? ${only.sql}
      AND o.${quote(outbox.status)} = ? ${unapplied.sql}`;
  const params = [window.after, window.upTo, ...only.params, outbox.statusValues.sent, ...unapplied.params];
  const rows = await mysql.longQuery(sql, params, suspectRow, { timeoutMs });
  return rows.map((row) => suspectOf(row, 'outbox'));
}

function suspectOf(row: z.infer<typeof suspectRow>, source: Suspect['source']): Suspect {
  return {
    dedupKey: row.dedup_key,
    source,
    rowId: row.row_id,
    ageMs: row.age_us / 1000,
    createdAtMs: row.created_us / 1000,
    sent: placeOf(row),
  };
}

const everything: SqlPart = { sql: '', params: [] };

/** How the ledger is gone through: whole, or by index only the legs of the subject. */
export function walkOfLedger(ledger: LedgerRole, { txId, accountId, keys }: Subject): Walk {
  const base = { table: ledger.table, id: ledger.id };
  const key = keys?.[0];
  if (key !== undefined) {
    if (ledger.dedupKey !== undefined) return { ...base, only: equal([ledger.dedupKey, key]) };
    const [tx, account] = partsOfKey(key);
    return { ...base, only: equal([ledger.txId, tx], [ledger.accountId, account]) };
  }
  if (txId !== undefined) return { ...base, only: equal([ledger.txId, txId]) };
  if (accountId !== undefined) {
    // In the order of (account, seq): in that of the rows MySQL might read the whole table for an account of few legs.
    return { ...base, id: ledger.accountSeq ?? ledger.id, only: equal([ledger.accountId, accountId]) };
  }
  return { ...base, only: everything };
}

/** The outbox likewise; undefined for an account: its rows are found by the keys of its legs. */
export function walkOfOutbox(outbox: OutboxRole, { txId, accountId, keys }: Subject): Walk | undefined {
  const base = { table: outbox.table, id: outbox.id };
  const key = keys?.[0];
  if (key !== undefined) return { ...base, only: equal([outbox.dedupKey, key]) };
  if (txId !== undefined) {
    // `;` comes next after `:`, so this is the range of keys that begin with the transaction.
    const name = quote(outbox.dedupKey);
    return { ...base, only: { sql: `AND ${name} >= ? AND ${name} < ?`, params: [`${txId}:`, `${txId};`] } };
  }
  return accountId === undefined ? { ...base, only: everything } : undefined;
}

const countRow = z.object({ counted: z.coerce.number() });
const unsentMax = 100_000;

export interface Unsent {
  readonly pending: number;
  readonly dead: number;
  readonly skipped: number;
}

/** Rows that were not sent: none of them is lost. Counted up to 100,000 of each; the index may begin with a shard. */
export async function unsentRows(mysql: ReadOnlyMysql, outbox: OutboxRole, only: SqlPart): Promise<Unsent> {
  const count = async (status: string): Promise<number> => {
    const rows = `SELECT /*+ SKIP_SCAN(o) */ 1 FROM ${quote(outbox.table)} o WHERE o.${quote(outbox.status)} = ? ${only.sql} LIMIT ${unsentMax}`;
    const [row] = await mysql.longQuery(
      `SELECT COUNT(*) AS counted FROM (${rows}) unsent`,
      [status, ...only.params],
      countRow,
    );
    return row?.counted ?? 0;
  };
  const { pending, dead, skipped } = outbox.statusValues;
  return { pending: await count(pending), dead: await count(dead), skipped: await count(skipped) };
}

const sentRow = z.object({
  dedup_key: z.string(),
  row_id: z.string(),
  status: z.string(),
  sent_partition: z.coerce.number().nullable(),
  sent_offset: z.coerce.bigint().nullable(),
});

/** Their outbox rows, by dedup_key. */
export async function outboxRowsOf(
  mysql: SqlReader,
  outbox: OutboxRole,
  keys: readonly string[],
): Promise<ReadonlyMap<string, { readonly status: string; readonly rowId: string; readonly sent: Suspect['sent'] }>> {
  if (keys.length === 0) return new Map();
  const place = (column: string | undefined): string => (column === undefined ? 'NULL' : quote(column));
  const rows = await mysql.query(
    `SELECT ${quote(outbox.dedupKey)} AS dedup_key, ${quote(outbox.id)} AS row_id, ${quote(outbox.status)} AS status,
       ${place(outbox.sentPartition)} AS sent_partition, ${place(outbox.sentOffset)} AS sent_offset
     FROM ${quote(outbox.table)} WHERE ${quote(outbox.dedupKey)} IN (${placeholders(keys)})`,
    keys,
    sentRow,
  );
  return new Map(
    rows.map((row) => [row.dedup_key, { status: row.status, rowId: row.row_id, sent: placeOf(row) }] as const),
  );
}

function placeOf({
  sent_partition: partition,
  sent_offset: offset,
}: Pick<z.infer<typeof sentRow>, 'sent_partition' | 'sent_offset'>): Suspect['sent'] {
  return partition === null || offset === null ? undefined : { partition, offset };
}

function equal(...pairs: readonly (readonly [column: string, value: string | bigint])[]): SqlPart {
  return {
    sql: pairs.map(([column]) => `AND ${quote(column)} = ?`).join(' '),
    params: pairs.map(([, value]) => value),
  };
}

/** `<tx_id>:<account_id>`; a text of another form is the key of nothing. */
export function partsOfKey(key: string): readonly [txId: string, accountId: string] {
  const colon = key.lastIndexOf(':');
  const account = key.slice(colon + 1);
  return colon > 0 && /^-?\d{1,19}$/.test(account) ? [key.slice(0, colon), account] : [key, '0'];
}
