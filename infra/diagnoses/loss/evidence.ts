import { z } from 'zod';
import type { RoleMap } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { SqlReader } from '../../mysql/read-only.ts';
import { type AppliedRung, keysIn, placeholders } from './applied.ts';
import { dedupKeySql, outboxRowsOf, partsOfKey, type Suspect } from './suspects.ts';

/** All that the tables tell of one event, as of one moment. */
export interface Evidence {
  readonly applied: boolean;
  /** Where it waits for its next attempt, or that it was given up; undefined where it never failed. */
  readonly failure: 'inRetry' | 'dead' | undefined;
  readonly outbox: { readonly status: string; readonly sent: Suspect['sent'] } | undefined;
  readonly leg: Leg | undefined;
  /** The projection of its account. */
  readonly projection:
    | { readonly version: bigint; readonly appliedCount: bigint; readonly foldedSeq: bigint }
    | undefined;
  /** A later leg of its account was applied. */
  readonly laterApplied: boolean;
  /** Its row is older than the oldest effect that a clean-up has left in the journal. */
  readonly beforeJournal: boolean;
}

export interface Leg {
  readonly ledgerId: string;
  readonly txId: string;
  readonly accountId: string;
  readonly seq: bigint | undefined;
  readonly delta: string;
}

/** Of many events in as many statements as there are tables; each a look-up by index. */
export async function evidenceOf(
  mysql: SqlReader,
  roles: RoleMap,
  rungs: readonly AppliedRung[],
  suspects: readonly Pick<Suspect, 'dedupKey' | 'createdAtMs'>[],
): Promise<ReadonlyMap<string, Evidence>> {
  const keys = suspects.map(({ dedupKey }) => dedupKey);
  if (keys.length === 0) return new Map();
  const applied = await Promise.all(rungs.map((rung) => keysIn(mysql, rung, keys)));
  const failures = await failuresOf(mysql, roles, keys);
  const rows = roles.outbox === undefined ? new Map() : await outboxRowsOf(mysql, roles.outbox, keys);
  const legs = await legsOf(mysql, roles, keys);
  const accounts = [...new Set([...legs.values()].map(({ accountId }) => accountId))];
  const projections = await projectionsOf(mysql, roles, accounts);
  const newest = await newestAppliedOf(mysql, roles, accounts);
  const journalStartMs = await journalStart(mysql, roles);
  return new Map(
    suspects.map(({ dedupKey, createdAtMs }) => {
      const leg = legs.get(dedupKey);
      const projection = leg === undefined ? undefined : projections.get(leg.accountId);
      const last = leg === undefined ? undefined : (newest.get(leg.accountId) ?? projection?.version);
      return [
        dedupKey,
        {
          applied: applied.some((found) => found.has(dedupKey)),
          failure: failures.get(dedupKey),
          outbox: rows.get(dedupKey),
          leg,
          projection,
          laterApplied: leg?.seq !== undefined && last !== undefined && last > leg.seq,
          beforeJournal: journalStartMs !== undefined && createdAtMs < journalStartMs,
        },
      ];
    }),
  );
}

/** The copy of an event that failed already climbs nothing (see delivery_failure.rung). */
const duplicateRung = 'duplicate';
const failureRow = z.object({ dedup_key: z.string(), waits: z.coerce.number(), dead: z.coerce.number() });
const keyRow = z.object({ dedup_key: z.string() });

async function failuresOf(
  mysql: SqlReader,
  { deliveryFailures: failures, deadLetters }: RoleMap,
  keys: readonly string[],
): Promise<ReadonlyMap<string, 'inRetry' | 'dead'>> {
  const found = new Map<string, 'inRetry' | 'dead'>();
  if (deadLetters?.dedupKey !== undefined) {
    const key = quote(deadLetters.dedupKey);
    const sql = `SELECT DISTINCT ${key} AS dedup_key FROM ${quote(deadLetters.table)} WHERE ${key} IN (${placeholders(keys)})`;
    for (const { dedup_key } of await mysql.query(sql, keys, keyRow)) found.set(dedup_key, 'dead');
  }
  if (failures !== undefined) {
    const [key, due, rung] = [failures.dedupKey, failures.dueAt, failures.rung].map(quote);
    // Where nothing marks what is settled, the newest failure of an event tells.
    const open = failures.settledAt === undefined ? '' : `AND ${quote(failures.settledAt)} IS NULL`;
    const rows = await mysql.query(
      `SELECT ${key} AS dedup_key, MAX(${due} IS NOT NULL ${open}) AS waits, MAX(${due} IS NULL AND ${rung} <> '${duplicateRung}') AS dead
       FROM ${quote(failures.table)} WHERE ${key} IN (${placeholders(keys)}) GROUP BY ${key}`,
      keys,
      failureRow,
    );
    for (const { dedup_key, waits, dead } of rows) {
      if (waits === 1) found.set(dedup_key, 'inRetry');
      else if (dead === 1) found.set(dedup_key, 'dead');
    }
  }
  return found;
}

const legRow = z.object({
  dedup_key: z.string(),
  row_id: z.string(),
  tx_id: z.string(),
  account_id: z.string(),
  account_seq: z.coerce.bigint().nullable(),
  delta: z.string(),
});

async function legsOf(
  mysql: SqlReader,
  { ledger }: RoleMap,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Leg>> {
  if (ledger === undefined) return new Map();
  const [byKey, params] =
    ledger.dedupKey === undefined
      ? [
          `(l.${quote(ledger.txId)}, l.${quote(ledger.accountId)}) IN (${keys.map(() => '(?, ?)').join(', ')})`,
          keys.flatMap(partsOfKey),
        ]
      : [`l.${quote(ledger.dedupKey)} IN (${placeholders(keys)})`, keys];
  const rows = await mysql.query(
    `SELECT ${dedupKeySql(ledger, 'l')} AS dedup_key, l.${quote(ledger.id)} AS row_id, l.${quote(ledger.txId)} AS tx_id,
       l.${quote(ledger.accountId)} AS account_id, l.${quote(ledger.delta)} AS delta,
       ${ledger.accountSeq === undefined ? 'NULL' : `l.${quote(ledger.accountSeq)}`} AS account_seq
     FROM ${quote(ledger.table)} l WHERE ${byKey}`,
    params,
    legRow,
  );
  return new Map(
    rows.map((row) => [
      row.dedup_key,
      {
        ledgerId: row.row_id,
        txId: row.tx_id,
        accountId: row.account_id,
        seq: row.account_seq ?? undefined,
        delta: row.delta,
      },
    ]),
  );
}

const projectionRow = z.object({
  account_id: z.string(),
  version: z.coerce.bigint(),
  applied_count: z.coerce.bigint(),
  folded_seq: z.coerce.bigint(),
});

async function projectionsOf(
  mysql: SqlReader,
  { projection }: RoleMap,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<Evidence['projection']>>> {
  if (projection?.version === undefined || projection.appliedCount === undefined || accounts.length === 0)
    return new Map();
  const rows = await mysql.query(
    `SELECT ${quote(projection.accountId)} AS account_id, ${quote(projection.version)} AS version,
       ${quote(projection.appliedCount)} AS applied_count,
       ${projection.foldedSeq === undefined ? '0' : quote(projection.foldedSeq)} AS folded_seq
     FROM ${quote(projection.table)} WHERE ${quote(projection.accountId)} IN (${placeholders(accounts)})`,
    accounts,
    projectionRow,
  );
  return new Map(
    rows.map((row) => [
      row.account_id,
      { version: row.version, appliedCount: row.applied_count, foldedSeq: row.folded_seq },
    ]),
  );
}

const newestRow = z.object({ account_id: z.string(), seq: z.coerce.bigint() });

/** The newest leg of each account with an effect. */
async function newestAppliedOf(
  mysql: SqlReader,
  { effects }: RoleMap,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (effects?.accountId === undefined || effects.accountSeq === undefined || accounts.length === 0) return new Map();
  const account = quote(effects.accountId);
  const rows = await mysql.query(
    `SELECT ${account} AS account_id, MAX(${quote(effects.accountSeq)}) AS seq FROM ${quote(effects.table)}
     WHERE ${account} IN (${placeholders(accounts)}) GROUP BY ${account}`,
    accounts,
    newestRow,
  );
  return new Map(rows.map(({ account_id, seq }) => [account_id, seq]));
}

/** Fewer missing at its front are no clean-up of old rows, but rows that somebody took away. */
const cleanedRowsMin = 1_000n;

/** When the oldest effect that is left was applied; undefined where old rows were never cleaned up. */
async function journalStart(mysql: SqlReader, { effects }: RoleMap): Promise<number | undefined> {
  if (effects?.id === undefined) return undefined;
  const [id, table] = [quote(effects.id), quote(effects.table)];
  const sql = `SELECT ${id} AS id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${quote(effects.appliedAt)}) AS us
    FROM ${table} ORDER BY ${id} LIMIT 1`;
  const [oldest] = await mysql.query(sql, [], z.object({ id: z.coerce.bigint(), us: z.coerce.number() }));
  return oldest === undefined || oldest.id <= cleanedRowsMin ? undefined : oldest.us / 1000;
}
