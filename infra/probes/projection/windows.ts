import { z } from 'zod';
import type { AccountsRole, ProjectionRole, RoleMap } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { SqlReader, SqlValue } from '../../mysql/read-only.ts';
import type { ProjectorProgress } from '../pipeline/projector-progress.ts';
import { type AccountState, agrees, type LedgerState, noLedger, type ProjectionState } from './judge.ts';
import { readLegs, type SequencedLedger } from './legs.ts';

export type VersionedProjection = ProjectionRole & { readonly version: string };

export interface AuditRoles {
  readonly roles: RoleMap;
  readonly ledger: SequencedLedger;
  readonly projection: VersionedProjection;
  readonly accounts: AccountsRole | undefined;
}

/** Accounts above `after` up to and with `upTo`; undefined: from the first, to the last. */
export interface AccountRange {
  readonly after: bigint | undefined;
  readonly upTo: bigint | undefined;
}

export interface AccountWindow {
  readonly states: readonly AccountState[];
  /** Of the projection's rows: checksum as {@link checksumSql}, and how many. */
  readonly checksum: number;
  readonly rows: number;
}

/** For a row of the projection; over many, BIT_XOR: the order does not matter, so windows can be put together. */
export function checksumSql({ accountId, balance, version, appliedCount, foldedSeq }: VersionedProjection): string {
  const columns = [accountId, balance, version, appliedCount, foldedSeq].flatMap((name) =>
    name === undefined ? [] : quote(name),
  );
  return `CRC32(CONCAT_WS('/', ${columns.join(', ')}))`;
}

/** Where a window of so many accounts ends; undefined: it reaches to the end. */
export async function windowEnd(
  reader: SqlReader,
  { projection, accounts }: AuditRoles,
  { after, size }: { readonly after: bigint | undefined; readonly size: number },
): Promise<bigint | undefined> {
  const ends: bigint[] = [];
  for (const role of accounts === undefined ? [projection] : [projection, accounts]) {
    const account = quote(role.accountId);
    const [row] = await reader.query(
      `SELECT ${account} AS account_id FROM ${quote(role.table)} ${after === undefined ? '' : `WHERE ${account} > ?`}
       ORDER BY ${account} LIMIT 1 OFFSET ${size - 1}`,
      after === undefined ? [] : [after],
      z.object({ account_id: z.coerce.bigint() }),
    );
    if (row !== undefined) ends.push(row.account_id);
  }
  return ends.length === 0 ? undefined : ends.reduce((least, end) => (end < least ? end : least));
}

/** All that is known of the accounts of one window, of the reader's one moment. */
export async function readWindow(
  reader: SqlReader,
  roles: AuditRoles,
  { range, progress }: { readonly range: AccountRange; readonly progress: ProjectorProgress },
): Promise<AccountWindow> {
  const { projections, checksum } = await readProjections(reader, roles.projection, range);
  const accounts = await readAccounts(reader, roles.accounts, range);
  const ledgers = await readLedgers(reader, roles, range);
  const ids = [...new Set([...projections.keys(), ...accounts.keys(), ...ledgers.keys()])];
  const states: AccountState[] = [];
  for (const accountId of ids) {
    const state = {
      accountId,
      account: accounts.get(accountId),
      projection: projections.get(accountId),
      ledger: opened(ledgers.get(accountId) ?? noLedger, accounts.get(accountId)?.opening),
    };
    const legs = agrees(state) ? undefined : await readLegs(reader, roles, { state, progress });
    states.push({ ...state, legs });
  }
  return { states, checksum, rows: projections.size };
}

function within(
  column: string,
  { after, upTo }: AccountRange,
): { readonly where: string; readonly params: readonly SqlValue[] } {
  const conditions = [
    ...(after === undefined ? [] : [`${column} > ?`]),
    ...(upTo === undefined ? [] : [`${column} <= ?`]),
  ];
  return {
    where: conditions.length === 0 ? '1 = 1' : conditions.join(' AND '),
    params: [after, upTo].flatMap((bound) => bound ?? []),
  };
}

const projectionRow = z.object({
  account_id: z.coerce.bigint(),
  balance: z.coerce.bigint(),
  version: z.coerce.bigint(),
  applied_count: z.coerce.bigint().nullable(),
  folded_seq: z.coerce.bigint().nullable(),
  crc: z.coerce.number(),
});

async function readProjections(
  reader: SqlReader,
  role: VersionedProjection,
  range: AccountRange,
): Promise<{ readonly projections: ReadonlyMap<bigint, ProjectionState>; readonly checksum: number }> {
  const column = (name: string | undefined): string => (name === undefined ? 'NULL' : quote(name));
  const { where, params } = within(quote(role.accountId), range);
  const rows = await reader.query(
    `SELECT ${quote(role.accountId)} AS account_id, ${quote(role.balance)} AS balance, ${quote(role.version)} AS version,
       ${column(role.appliedCount)} AS applied_count, ${column(role.foldedSeq)} AS folded_seq, ${checksumSql(role)} AS crc
     FROM ${quote(role.table)} WHERE ${where}`,
    params,
    projectionRow,
  );
  const projections = new Map<bigint, ProjectionState>();
  let checksum = 0;
  for (const { account_id, balance, version, applied_count, folded_seq, crc } of rows) {
    projections.set(account_id, { balance, version, appliedCount: applied_count, foldedSeq: folded_seq ?? 0n });
    checksum = (checksum ^ crc) >>> 0;
  }
  return { projections, checksum };
}

async function readAccounts(
  reader: SqlReader,
  role: AccountsRole | undefined,
  range: AccountRange,
): Promise<ReadonlyMap<bigint, { readonly balance: bigint; readonly opening: bigint }>> {
  if (role === undefined) return new Map();
  const { where, params } = within(quote(role.accountId), range);
  const opening = role.openingBalance === undefined ? '0' : `COALESCE(${quote(role.openingBalance)}, 0)`;
  const rows = await reader.query(
    `SELECT ${quote(role.accountId)} AS account_id, ${quote(role.balance)} AS balance, ${opening} AS opening
     FROM ${quote(role.table)} WHERE ${where}`,
    params,
    z.object({ account_id: z.coerce.bigint(), balance: z.coerce.bigint(), opening: z.coerce.bigint() }),
  );
  return new Map(rows.map(({ account_id, balance, opening: before }) => [account_id, { balance, opening: before }]));
}

/** As if the first leg had been the opening balance. */
const opened = (ledger: LedgerState, opening = 0n): LedgerState => ({
  ...ledger,
  total: ledger.total + opening,
  toVersion: ledger.toVersion + opening,
  toFolded: ledger.toFolded + opening,
});

/** One statement looks at no more than so many legs: an account may have millions. */
const chunkLegs = 50_000;

const ledgerRow = z.object({
  account_id: z.coerce.bigint(),
  legs: z.coerce.number(),
  total: z.coerce.bigint(),
  max_seq: z.coerce.bigint(),
  to_version: z.coerce.bigint().nullable(),
  to_folded: z.coerce.bigint().nullable(),
});

async function readLedgers(
  reader: SqlReader,
  { ledger, projection }: AuditRoles,
  range: AccountRange,
): Promise<ReadonlyMap<bigint, LedgerState>> {
  const ledgers = new Map<bigint, LedgerState>();
  let from: { readonly accountId: bigint; readonly seq: bigint } | undefined;
  for (;;) {
    const { sql, params } = chunkSql(ledger, range, from);
    const rows = await reader.query(
      `SELECT chunk.account_id, COUNT(*) AS legs, SUM(chunk.delta) AS total, MAX(chunk.seq) AS max_seq,
         SUM(CASE WHEN chunk.seq <= p.${quote(projection.version)} THEN chunk.delta END) AS to_version,
         ${projection.foldedSeq === undefined ? 'NULL' : `SUM(CASE WHEN chunk.seq <= p.${quote(projection.foldedSeq)} THEN chunk.delta END)`} AS to_folded
       FROM (${sql}) chunk
       LEFT JOIN ${quote(projection.table)} p ON p.${quote(projection.accountId)} = chunk.account_id
       GROUP BY chunk.account_id ORDER BY chunk.account_id`,
      params,
      ledgerRow,
    );
    for (const row of rows) ledgers.set(row.account_id, added(ledgers.get(row.account_id), row));
    const last = rows.at(-1);
    if (last === undefined || rows.reduce((sum, { legs }) => sum + legs, 0) < chunkLegs) break;
    from = { accountId: last.account_id, seq: last.max_seq };
  }
  return ledgers;
}

/** The next legs of the range in the order of (account, seq). */
function chunkSql(
  ledger: SequencedLedger,
  range: AccountRange,
  from: { readonly accountId: bigint; readonly seq: bigint } | undefined,
): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const [account, seq] = [quote(ledger.accountId), quote(ledger.accountSeq)];
  const rest = within(account, from === undefined ? range : { after: from.accountId, upTo: range.upTo });
  const where = from === undefined ? rest.where : `(${account} = ? AND ${seq} > ?) OR (${rest.where})`;
  return {
    sql: `SELECT ${account} AS account_id, ${seq} AS seq, ${quote(ledger.delta)} AS delta FROM ${quote(ledger.table)}
      WHERE ${where} ORDER BY ${account}, ${seq} LIMIT ${chunkLegs}`,
    params: from === undefined ? rest.params : [from.accountId, from.seq, ...rest.params],
  };
}

function added(before: LedgerState | undefined, row: z.infer<typeof ledgerRow>): LedgerState {
  const { legs, total, toVersion, toFolded } = before ?? noLedger;
  return {
    legs: legs + row.legs,
    total: total + row.total,
    maxSeq: row.max_seq,
    toVersion: toVersion + (row.to_version ?? 0n),
    toFolded: toFolded + (row.to_folded ?? 0n),
  };
}
