import type { RowDataPacket } from 'mysql2/promise';
import { within } from '../../infra/clock.ts';
import { type CacheValue, decodeCacheValue } from '../../infra/contract/cache-entry.ts';
import type { Pool } from '../../infra/mysql/pool.ts';
import { loadTimeoutMs } from '../../infra/redis/cache.ts';
import type { Counters } from '../host/counters.ts';

export interface CacheAside {
  readonly get: (key: string) => Promise<string | null>;
  readonly load: (accountId: bigint) => Promise<Extract<CacheValue, { kind: 'entry' }> | undefined>;
  readonly refill: (key: string, entry: Extract<CacheValue, { kind: 'entry' }>) => Promise<boolean>;
  readonly counters: Counters;
}

/**
 * Reads one balance: from the cache, else from the account table, which then refills the cache unless a newer
 * invalidation is standing there. A load slower than the load timeout is never stored.
 * @returns undefined for an unknown account. @throws TimeoutError for a slow load; the engine's error otherwise.
 */
export async function readBalance(
  { accountId, key }: { readonly accountId: bigint; readonly key: string },
  { get, load, refill, counters }: CacheAside,
): Promise<bigint | undefined> {
  counters.add('reads');
  const cached = await get(key);
  const value = cached === null ? undefined : decodeCacheValue(cached);
  if (value?.kind === 'entry') {
    counters.add('hits');
    return value.balance;
  }
  counters.add('misses');
  const entry = await within('loading a balance', loadTimeoutMs, load(accountId));
  counters.add('loads');
  if (entry === undefined) return undefined;
  counters.add((await refill(key, entry)) ? 'refills' : 'refillsRefused');
  return entry.balance;
}

/** One indexed row: balance and its sequence number belong together. */
export async function loadAccount(
  pool: Pool,
  accountId: bigint,
): Promise<Extract<CacheValue, { kind: 'entry' }> | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT balance, account_seq FROM account WHERE account_id = ?', [
    String(accountId),
  ]);
  const [row] = rows;
  return row && { kind: 'entry', balance: BigInt(row.balance), accountSeq: BigInt(row.account_seq) };
}
