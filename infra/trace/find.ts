import { z } from 'zod';
import { dedupKeySql, walkOfOutbox } from '../diagnoses/loss/suspects.ts';
import { EngineError } from '../errors.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import { notMapped, type Part, partOf, unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';

export interface Found {
  /** dedup_keys of the events meant; none: nothing of that name is known. */
  readonly keys: readonly string[];
  readonly as: 'dedup_key' | 'tx_id' | 'event_id' | 'place' | undefined;
  /** Where it was looked for, and where it could not be. */
  readonly searched: readonly Searched[];
}

export interface Searched {
  readonly what: Text;
  readonly found: Part<number>;
}

const legsMax = 50;
const keyRow = z.object({ dedup_key: z.string() });

/** Which events are meant: by dedup_key, else by tx_id, else by event_id (which may have no index and is looked for last). */
export async function findEvents(target: Target, what: string): Promise<Found> {
  const searched: Searched[] = [];
  const lookUps: readonly {
    readonly as: NonNullable<Found['as']>;
    readonly said: Text;
    readonly look: () => Promise<Part<readonly string[]>>;
  }[] = [
    { as: 'dedup_key', said: { ko: 'dedup_key', en: 'dedup_key' }, look: () => byKey(target, what) },
    { as: 'tx_id', said: { ko: '원장의 tx_id', en: 'tx_id in the ledger' }, look: () => byLedger(target, what) },
    { as: 'tx_id', said: { ko: '아웃박스의 tx_id', en: 'tx_id in the outbox' }, look: () => byOutbox(target, what) },
    {
      as: 'event_id',
      said: { ko: '아웃박스의 event_id', en: 'event_id in the outbox' },
      look: () => byEventId(target, what),
    },
  ];
  for (const { as, said, look } of lookUps) {
    const found = await looked(look);
    searched.push({ what: said, found: found.known ? { known: true, value: found.value.length } : found });
    if (found.known && found.value.length > 0) return { keys: [...new Set(found.value)], as, searched };
  }
  return { keys: [], as: undefined, searched };
}

/** The same by dedup_key alone: a record's header says nothing else. */
export async function findByKey(target: Target, key: string): Promise<Searched> {
  const found = await looked(() => byKey(target, key));
  return {
    what: { ko: '그 레코드의 dedup_key', en: "its record's dedup_key" },
    found: found.known ? { known: true, value: found.value.length } : found,
  };
}

async function looked(look: () => Promise<Part<readonly string[]>>): Promise<Part<readonly string[]>> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof EngineError) return unknownPart(error.message);
    throw error;
  }
}

/** Any of the tables that know a dedup_key by index. */
async function byKey({ mysql, roles }: Target, what: string): Promise<Part<readonly string[]>> {
  const tables = [roles.outbox, roles.effects, roles.deliveryFailures, roles.deadLetters].flatMap((role) =>
    role?.dedupKey === undefined ? [] : [{ table: role.table, dedupKey: role.dedupKey }],
  );
  const ledger = roles.ledger === undefined ? [] : [ledgerByKey(roles.ledger, what)];
  const queries = [
    ...ledger,
    ...tables.map(({ table, dedupKey }) => ({
      sql: `SELECT ${quote(dedupKey)} AS dedup_key FROM ${quote(table)} WHERE ${quote(dedupKey)} = ? LIMIT 1`,
      params: [what],
    })),
  ];
  let failure: Part<never> | undefined;
  for (const { sql, params } of queries) {
    const rows = await partOf(mysql.query(sql, params, keyRow));
    if (rows.known && rows.value.length > 0) return { known: true, value: [what] };
    if (!rows.known) failure = rows;
  }
  return queries.length === 0 ? unknownPart(notMapped) : (failure ?? { known: true, value: [] });
}

function ledgerByKey(
  ledger: NonNullable<Target['roles']['ledger']>,
  what: string,
): { readonly sql: string; readonly params: readonly string[] } {
  const key = dedupKeySql(ledger, 'l');
  const colon = what.lastIndexOf(':');
  const [tx, account] = [what.slice(0, Math.max(0, colon)), what.slice(colon + 1)];
  if (ledger.dedupKey !== undefined)
    return {
      sql: `SELECT ${key} AS dedup_key FROM ${quote(ledger.table)} l WHERE l.${quote(ledger.dedupKey)} = ? LIMIT 1`,
      params: [what],
    };
  const sql = `SELECT ${key} AS dedup_key FROM ${quote(ledger.table)} l WHERE l.${quote(ledger.txId)} = ? AND l.${quote(ledger.accountId)} = ? LIMIT 1`;
  return { sql, params: [tx, /^-?\d{1,19}$/.test(account) ? account : '0'] };
}

async function byLedger({ mysql, roles: { ledger } }: Target, what: string): Promise<Part<readonly string[]>> {
  if (ledger === undefined) return unknownPart(notMapped);
  const sql = `SELECT ${dedupKeySql(ledger, 'l')} AS dedup_key FROM ${quote(ledger.table)} l WHERE l.${quote(ledger.txId)} = ? LIMIT ${legsMax}`;
  return keysOf(mysql.query(sql, [what], keyRow));
}

async function byOutbox({ mysql, roles: { outbox } }: Target, what: string): Promise<Part<readonly string[]>> {
  const walk = outbox === undefined ? undefined : walkOfOutbox(outbox, { txId: what });
  if (outbox === undefined || walk === undefined) return unknownPart(notMapped);
  const key = quote(outbox.dedupKey);
  const sql = `SELECT ${key} AS dedup_key FROM ${quote(outbox.table)} WHERE TRUE ${walk.only.sql} LIMIT ${legsMax}`;
  return keysOf(mysql.query(sql, walk.only.params, keyRow));
}

async function byEventId({ mysql, roles: { outbox } }: Target, what: string): Promise<Part<readonly string[]>> {
  if (outbox?.eventId === undefined) return unknownPart(notMapped);
  const sql = `SELECT ${quote(outbox.dedupKey)} AS dedup_key FROM ${quote(outbox.table)} WHERE ${quote(outbox.eventId)} = ? LIMIT 1`;
  return keysOf(mysql.longQuery(sql, [what], keyRow));
}

async function keysOf(query: Promise<readonly z.infer<typeof keyRow>[]>): Promise<Part<readonly string[]>> {
  const rows = await partOf(query);
  return rows.known ? { known: true, value: rows.value.map(({ dedup_key }) => dedup_key) } : rows;
}
