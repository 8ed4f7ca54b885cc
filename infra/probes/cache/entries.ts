import { z } from 'zod';
import { decodeCacheValue } from '../../contract/cache-entry.ts';
import type { AccountsRole, CacheRole } from '../../contract/role-map.ts';
import { EngineError, messageOf } from '../../errors.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { redisServers } from '../../redis/places.ts';
import type { ReadOnlyRedis } from '../../redis/read-only.ts';
import { slotOf } from '../../redis/slot.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { notMapped, UnknownValue } from '../reading.ts';

/** What the database holds. `seq` undefined: the target counts no changes of an account. */
export interface AccountRow {
  readonly accountId: bigint;
  readonly balance: bigint;
  readonly seq: bigint | undefined;
  /** There is no such account: this only stands for the one that was asked about. */
  readonly isAbsent?: true;
}

/** What the cache holds. `text` undefined: nothing. `ttlMs` undefined: it never expires. */
export interface Cached {
  readonly text: string | undefined;
  readonly ttlMs: number | undefined;
}

/** Which of the two is the older one, by one look at each. */
export type Comparison = 'absent' | 'tombstone' | 'fresh' | 'older' | 'other-balance' | 'ahead' | 'undecodable';

/** Longer ones are no value of a balance cache, whatever they are. */
const readBytes = 200;
const notAString = '(not a string)';

export const cacheKeyOf = ({ keyPattern }: CacheRole, accountId: bigint): string =>
  keyPattern.replace('{account_id}', String(accountId));

/** @returns undefined for a key that is none of this cache. */
export function accountOfKey({ keyPattern }: CacheRole, key: string): bigint | undefined {
  const [before = '', after = ''] = keyPattern.split('{account_id}');
  if (!key.startsWith(before) || !key.endsWith(after)) return undefined;
  const id = key.slice(before.length, key.length - after.length);
  return /^-?\d{1,19}$/.test(id) ? BigInt(id) : undefined;
}

/** By the database first, then the cache: an entry may be newer than the row, which only `ahead` has to be looked at again for. */
export function compare(row: AccountRow, { text }: Cached, format: CacheRole['format']): Comparison {
  if (text === undefined) return 'absent';
  if (row.isAbsent) return 'ahead';
  if (format === 'balance') {
    if (!/^-?\d{1,19}$/.test(text)) return 'undecodable';
    return BigInt(text) === row.balance ? 'fresh' : 'other-balance';
  }
  const value = decodeCacheValue(text);
  if (value === undefined) return 'undecodable';
  if (row.seq !== undefined && value.accountSeq > row.seq) return 'ahead';
  if (value.kind === 'tombstone') return 'tombstone';
  if (row.seq !== undefined && value.accountSeq < row.seq) return 'older';
  return value.balance === row.balance ? 'fresh' : 'other-balance';
}

export async function accountRows(
  mysql: ReadOnlyMysql,
  role: AccountsRole,
  accountIds: readonly bigint[],
): Promise<readonly AccountRow[]> {
  if (accountIds.length === 0) return [];
  const marks = accountIds.map(() => '?').join(', ');
  return mysql.query(`${selectOf(role)} WHERE ${quote(role.accountId)} IN (${marks})`, accountIds, accountRow);
}

/** The next accounts in the order of their ids. @param after undefined: from the first one. */
export async function accountPage(
  mysql: ReadOnlyMysql,
  role: AccountsRole,
  { after, limit }: { readonly after: bigint | undefined; readonly limit: number },
): Promise<readonly AccountRow[]> {
  const id = quote(role.accountId);
  const from = after === undefined ? '' : `WHERE ${id} > ?`;
  const sql = `${selectOf(role)} ${from} ORDER BY ${id} LIMIT ${limit}`;
  return mysql.query(sql, after === undefined ? [] : [after], accountRow);
}

function selectOf({ table, accountId, balance, accountSeq }: AccountsRole): string {
  const seq = accountSeq === undefined ? 'NULL' : quote(accountSeq);
  return `SELECT ${quote(accountId)} AS account_id, ${quote(balance)} AS balance, ${seq} AS seq FROM ${quote(table)}`;
}

const accountRow = z
  .object({ account_id: z.coerce.bigint(), balance: z.coerce.bigint(), seq: z.coerce.bigint().nullable() })
  .transform(({ account_id, balance, seq }): AccountRow => ({ accountId: account_id, balance, seq: seq ?? undefined }));

/** Reads keys wherever they are. */
export interface CacheReader {
  /** @throws UnknownValue where nobody serves its slot or the account may not; EngineError. */
  read(key: string): Promise<Cached>;
}

/** The cache is the server that is named, or, where none is or that is a node of a cluster, the cluster. */
export async function openCache(target: Target): Promise<CacheReader> {
  const { standalone, cluster } = await redisServers(target);
  if (standalone !== undefined) return { read: (key) => readPatiently(standalone.client, key) };
  if (cluster === undefined) throw new UnknownValue(`${notMapped}: no Redis is named`);
  return {
    async read(key) {
      const slot = slotOf(key);
      const owner = cluster.find(({ member }) => member?.slots.some(({ from, to }) => slot >= from && slot <= to));
      if (owner === undefined) throw new UnknownValue(`nobody is known to serve slot ${slot}`);
      return readPatiently(owner.client, key);
    },
  };
}

/** A process that stood still for a moment, ours included, is asked once more. */
async function readPatiently(redis: ReadOnlyRedis, key: string): Promise<Cached> {
  try {
    return await readKey(redis, key);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'ETIMEDOUT') return readKey(redis, key);
    throw error;
  }
}

/** GETRANGE and not GET: whatever stands there may be long. It says '' for an absent key, which PTTL tells apart. */
async function readKey(redis: ReadOnlyRedis, key: string): Promise<Cached> {
  const text = redis.command('GETRANGE', [key, 0, readBytes - 1], z.string()).catch((error: unknown) => {
    if (messageOf(error).includes('WRONGTYPE')) return notAString;
    throw error;
  });
  const [found, ttl] = await Promise.all([text, redis.command('PTTL', [key], z.number())]);
  if (ttl === -2) return { text: undefined, ttlMs: undefined };
  return { text: printable(found), ttlMs: ttl < 0 ? undefined : ttl };
}
