import { z } from 'zod';
import { dedupKeyOf } from '../contract/dedup-key.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { SqlValue } from '../mysql/read-only.ts';
import type { Subject } from '../probes/probe.ts';
import { notMapped, UnknownValue } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { placeholders } from './key-windows.ts';

interface TablePart {
  readonly where: string;
  readonly params: readonly SqlValue[];
}

/** What each table is narrowed to; undefined: all of it. none: it cannot be narrowed that way. */
export interface DuplicatesScope {
  readonly journal: TablePart | 'none' | undefined;
  readonly ledger: TablePart | 'none' | undefined;
  readonly accounts: readonly bigint[] | undefined;
  readonly keys: readonly string[] | undefined;
}

const everything: DuplicatesScope = { journal: undefined, ledger: undefined, accounts: undefined, keys: undefined };

/** Index look-ups only. @throws UnknownValue when nothing on the target connects the subject with rows. */
export async function duplicatesScope(target: Target, subject: Subject): Promise<DuplicatesScope> {
  if (subject.accountId !== undefined) return accountScope(target, subject.accountId);
  if (subject.txId !== undefined) return transactionScope(target, subject.txId);
  if (subject.keys !== undefined) return keyScope(target, subject.keys);
  return everything;
}

function accountScope({ roles }: Target, accountId: bigint): DuplicatesScope {
  const by = (column: string | undefined): TablePart | 'none' =>
    column === undefined ? 'none' : { where: `${quote(column)} = ?`, params: [accountId] };
  return {
    journal: by(roles.effects?.accountId),
    ledger: by(roles.ledger?.accountId),
    accounts: [accountId],
    keys: [],
  };
}

const legRow = z.object({ account_id: z.coerce.bigint(), dedup_key: z.string().nullable() });

async function transactionScope({ mysql, roles }: Target, txId: string): Promise<DuplicatesScope> {
  const { ledger } = roles;
  if (ledger === undefined) throw new UnknownValue(`${notMapped}: without a ledger no transaction is known`);
  const where = `${quote(ledger.txId)} = ?`;
  const legs = await mysql.query(
    `SELECT ${quote(ledger.accountId)} AS account_id,
       ${ledger.dedupKey === undefined ? 'NULL' : quote(ledger.dedupKey)} AS dedup_key
     FROM ${quote(ledger.table)} WHERE ${where} LIMIT 1000`,
    [txId],
    legRow,
  );
  const keys = [...new Set(legs.map((leg) => leg.dedup_key ?? dedupKeyOf(txId, leg.account_id)))];
  const accounts = [...new Set(legs.map((leg) => leg.account_id))];
  return { journal: journalOf(roles.effects?.dedupKey, keys), ledger: { where, params: [txId] }, accounts, keys };
}

async function keyScope({ mysql, roles }: Target, keys: readonly string[]): Promise<DuplicatesScope> {
  const { effects, outbox, ledger } = roles;
  const accounts = new Set<bigint>();
  for (const role of [effects, outbox]) {
    if (role?.accountId === undefined || keys.length === 0) continue;
    const rows = await mysql.query(
      `SELECT DISTINCT ${quote(role.accountId)} AS account_id FROM ${quote(role.table)}
       WHERE ${quote(role.dedupKey)} IN (${placeholders(keys)})`,
      keys,
      z.object({ account_id: z.coerce.bigint().nullable() }),
    );
    for (const { account_id } of rows) if (account_id !== null) accounts.add(account_id);
  }
  const inLedger =
    ledger?.dedupKey === undefined
      ? 'none'
      : { where: `${quote(ledger.dedupKey)} IN (${placeholders(keys)})`, params: keys };
  return { journal: journalOf(effects?.dedupKey, keys), ledger: inLedger, accounts: [...accounts], keys };
}

function journalOf(column: string | undefined, keys: readonly string[]): TablePart | 'none' {
  if (column === undefined) return 'none';
  if (keys.length === 0) return { where: '1 = 0', params: [] };
  return { where: `${quote(column)} IN (${placeholders(keys)})`, params: keys };
}
