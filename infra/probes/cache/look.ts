import { decodeCacheValue } from '../../contract/cache-entry.ts';
import type { AccountsRole, CacheRole } from '../../contract/role-map.ts';
import { messageOf } from '../../errors.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { UnknownValue } from '../reading.ts';
import {
  type AccountRow,
  accountRows,
  type Cached,
  type CacheReader,
  type Comparison,
  cacheKeyOf,
  compare,
} from './entries.ts';
import { type Change, type Invalidation, readInvalidations } from './invalidation.ts';

/**
 * stale: older than the database although its invalidation was consumed, or will never be sent; or, where nobody can tell
 * of the invalidation, for long. wrong-balance: the right sequence number with another balance. ahead: newer than the
 * database. undecodable: no value of this cache. orphan: no such account. pending: older, and its invalidation is on its
 * way. unverified: older, and nothing tells of its invalidation (yet).
 */
export type EntryKind = 'stale' | 'wrong-balance' | 'ahead' | 'undecodable' | 'orphan' | 'pending' | 'unverified';

export interface CacheEntry {
  readonly kind: EntryKind;
  readonly accountId: bigint;
  readonly key: string;
  /** As it stands in the cache, cut to a few hundred characters. */
  readonly cached: string;
  readonly ttlMs: number | undefined;
  readonly row: AccountRow | undefined;
  readonly invalidation: Invalidation | undefined;
  /** Since when it has been seen like that. */
  readonly sinceMs: number;
}

export interface Look {
  readonly checked: number;
  readonly fresh: number;
  readonly tombstones: number;
  readonly absent: number;
  /** Keys that could not be read, and why the first of them. */
  readonly unread: { readonly keys: number; readonly reason: string } | undefined;
  /** All that is not simply fine; `pending` and `unverified` included. */
  readonly entries: readonly CacheEntry[];
  /** Remaining times of the entries (not of tombstones), in the order of the accounts. */
  readonly ttlsMs: readonly number[];
  readonly withoutTtl: readonly string[];
}

/** So long an entry may be older than the database where nothing tells of its invalidation. */
const unexplainedMs = 10_000;

interface Seen {
  readonly row: AccountRow;
  readonly key: string;
  readonly cached: Cached;
  readonly comparison: Comparison;
}

export interface LookContext {
  readonly cache: CacheReader;
  readonly role: CacheRole;
  readonly accounts: AccountsRole;
  /** Entries of the look before: since when. */
  readonly before: readonly CacheEntry[];
  readonly nowMs: number;
}

/**
 * Compares cache and database. The order makes it true under load: rows, then the cache, then for suspects whether their
 * invalidation was consumed, and only then those again. An entry that was older, whose invalidation was consumed, and
 * that is still there is stale whatever happened meanwhile.
 * @throws UnknownValue or EngineError where no key at all could be read.
 */
export async function lookAt(target: Target, rows: readonly AccountRow[], context: LookContext): Promise<Look> {
  const seen: Seen[] = [];
  const failures: unknown[] = [];
  await Promise.all(
    rows.map(async (row) => {
      const key = cacheKeyOf(context.role, row.accountId);
      try {
        const cached = await context.cache.read(key);
        seen.push({ row, key, cached, comparison: compare(row, cached, context.role.format) });
      } catch (error) {
        failures.push(error);
      }
    }),
  );
  if (seen.length === 0 && failures.length > 0) throw failures[0];
  const suspects = seen.filter(({ comparison }) => isSuspect(comparison));
  const entries = await secondLook(target, suspects, { ...context, onFailure: (error) => failures.push(error) });
  const count = (comparison: Comparison): number => seen.filter((one) => one.comparison === comparison).length;
  const living = seen.filter(({ cached }) => isValue(cached, context.role));
  return {
    checked: seen.length,
    fresh: count('fresh'),
    tombstones: count('tombstone'),
    absent: count('absent'),
    unread: failures.length === 0 ? undefined : { keys: failures.length, reason: wordsOf(failures[0]) },
    entries,
    ttlsMs: living.flatMap(({ cached }) => cached.ttlMs ?? []),
    withoutTtl: living.flatMap(({ key, cached }) => (cached.ttlMs === undefined ? [key] : [])),
  };
}

/** A tombstone is no value that somebody loads anew, even one that is newer than the row was when it was read. */
const isValue = ({ text }: Cached, { format }: CacheRole): boolean =>
  text !== undefined && (format === 'balance' || decodeCacheValue(text)?.kind !== 'tombstone');

const wordsOf = (error: unknown): string =>
  printable(error instanceof UnknownValue ? error.message : messageOf(error)).slice(0, 200);

const isSuspect = (comparison: Comparison): boolean =>
  comparison !== 'absent' && comparison !== 'tombstone' && comparison !== 'fresh';

/** Only what still stands there counts. */
async function secondLook(
  target: Target,
  suspects: readonly Seen[],
  context: LookContext & { readonly onFailure: (error: unknown) => void },
): Promise<readonly CacheEntry[]> {
  if (suspects.length === 0) return [];
  const outdated = suspects.filter((suspect) => changeOf(suspect, context) !== undefined);
  const changes = outdated.flatMap((suspect) => changeOf(suspect, context) ?? []);
  const invalidations = await readInvalidations(target, changes);
  const ids = suspects.map(({ row }) => row.accountId);
  const again = await accountRows(target.mysql, context.accounts, ids);
  const entries = await Promise.all(
    suspects.map(async (suspect) => {
      const cached = await context.cache.read(suspect.key).catch((error: unknown) => {
        context.onFailure(error);
        return undefined;
      });
      const row = again.find(({ accountId }) => accountId === suspect.row.accountId);
      const invalidation = invalidations[outdated.indexOf(suspect)];
      return cached?.text === undefined || cached.text !== suspect.cached.text
        ? []
        : entryOf(suspect, { cached: { ...cached, text: cached.text }, row, invalidation, context });
    }),
  );
  return entries.flat();
}

/** The change that should have removed it: the first one that the entry lacks; without sequence numbers, the last one. */
function changeOf({ row, cached, comparison }: Seen, { role }: LookContext): Change | undefined {
  if (comparison === 'other-balance' && (role.format === 'balance' || row.seq === undefined)) {
    return { accountId: row.accountId, seq: row.seq };
  }
  const value = decodeCacheValue(cached.text ?? '');
  if (comparison !== 'older' || value === undefined) return undefined;
  return { accountId: row.accountId, seq: value.accountSeq + 1n };
}

interface SecondLook {
  readonly cached: Cached & { readonly text: string };
  readonly row: AccountRow | undefined;
  readonly invalidation: Invalidation | undefined;
  readonly context: LookContext;
}

function entryOf(first: Seen, { cached, row, invalidation, context }: SecondLook): readonly CacheEntry[] {
  const { before, nowMs, role } = context;
  const { key, comparison } = first;
  const earlier = before.find((entry) => entry.key === key && entry.cached === cached.text);
  const sinceMs = earlier?.sinceMs ?? nowMs;
  const base = { accountId: first.row.accountId, key, cached: cached.text, ttlMs: cached.ttlMs, row, sinceMs };
  const as = (kind: EntryKind): readonly CacheEntry[] => [{ ...base, kind, invalidation }];
  if (row === undefined) return as('orphan');
  if (invalidation !== undefined) {
    // Without sequence numbers the database may have moved on between the looks: then this says nothing.
    if (comparison === 'other-balance' && row.balance !== first.row.balance) return as('pending');
    return as(outdatedKind(invalidation, nowMs - sinceMs));
  }
  const now = compare(row, cached, role.format);
  if (now === 'ahead' || now === 'undecodable') return as(now);
  // A balance of another sequence number than the row's is not wrong, it is of another moment.
  return now === 'other-balance' ? as('wrong-balance') : [];
}

function outdatedKind({ state, offset }: Invalidation, lastedMs: number): EntryKind {
  switch (state) {
    case 'consumed':
    case 'given-up':
      return 'stale';
    case 'pending':
      return 'pending';
    case 'unknown':
      // That it was sent is known, and only Kafka can tell the rest: that Kafka does not answer is no finding.
      return lastedMs >= unexplainedMs && offset === undefined ? 'stale' : 'unverified';
  }
}
