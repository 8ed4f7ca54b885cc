import { z } from 'zod';
import type { AccountsRole, CacheRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { Target } from '../../target.ts';
import { mysqlCommand, quoted, redisCommand } from '../native-commands.ts';
import type { Probe, Subject } from '../probe.ts';
import { notMapped, UnknownValue } from '../reading.ts';
import { type AccountRow, accountOfKey, accountPage, accountRows, cacheKeyOf, openCache } from './entries.ts';
import { type CacheEntry, type Look, lookAt } from './look.ts';
import { judgeCacheStaleness } from './staleness-findings.ts';
import { type TtlSpread, ttlSpread } from './ttl.ts';

export interface CacheStaleness extends Omit<Look, 'ttlsMs'> {
  readonly ttl: TtlSpread | undefined;
  /** Up to which account the sweep has come; undefined: it begins anew. */
  readonly sweptTo: bigint | undefined;
  /** Some account of the sample, for whoever wants to look by hand. */
  readonly example: bigint | undefined;
}

/** Accounts of one sample: those that changed last, and the next ones of a sweep over all of them. */
const sweepRows = 100;
const changedRows = 50;
/** Among so many of the newest events. */
const newestEvents = 500;
/** Suspects of the reading before that are looked at again. */
const followedMax = 50;

export const cacheStaleness: Probe<CacheStaleness> = {
  id: 'cache.staleness',
  title: { ko: '캐시 최신성', en: 'Cache staleness' },
  cost: 'slow',
  timeoutMs: 4_000,
  narrowsBy: ['accountId', 'keys'],
  isMapped: ({ endpoints: { redis, redisCluster }, roles: { cache, accounts } }) =>
    (redis ?? redisCluster) !== undefined && cache !== undefined && accounts !== undefined,
  async read(target, { subject, previous, nowMs }) {
    const roles = cacheRoles(target);
    const before = previous?.value.entries ?? [];
    const asked = askedAccounts(subject, roles.role);
    const sample =
      asked === undefined
        ? await sampleOf(target, roles.accounts, previous?.value)
        : { rows: await askedRows(target, roles.accounts, asked), sweptTo: undefined };
    const cache = await openCache(target);
    const { ttlsMs, ...look } = await lookAt(target, sample.rows, { ...roles, cache, before, nowMs });
    const example = look.entries[0]?.accountId ?? sample.rows[0]?.accountId;
    return { ...look, ttl: ttlSpread(ttlsMs), sweptTo: sample.sweptTo, example };
  },
  judge: judgeCacheStaleness,
  numbers({ entries, checked }) {
    const count = (kind: CacheEntry['kind']): number => entries.filter((entry) => entry.kind === kind).length;
    return { checked, stale: count('stale') + count('wrong-balance'), pending: count('pending') };
  },
  rows(value) {
    return [
      ['KEY', 'VERDICT', 'CACHED', 'DATABASE SEQ', 'BALANCE', 'TTL MS', 'INVALIDATION', 'EVENT'],
      ...value.entries.map(entryRow),
      ['all', `checked ${value.checked}, fresh ${value.fresh}`, ...summaryCells(value)],
    ];
  },
  verifyWith(target, about) {
    const { cache: role, accounts } = target.roles;
    const value = about?.value as CacheStaleness | undefined;
    // Before anything was read, which account is up to the reader.
    const id = value === undefined ? '<account_id>' : value.example;
    if (role === undefined || accounts === undefined || id === undefined) return [];
    const key = quoted(typeof id === 'string' ? role.keyPattern.replace('{account_id}', id) : cacheKeyOf(role, id));
    const columns = [accounts.balance, ...(accounts.accountSeq === undefined ? [] : [accounts.accountSeq])].join(', ');
    return [
      {
        command: mysqlCommand(target, `SELECT ${columns} FROM ${accounts.table} WHERE ${accounts.accountId} = ${id}`),
        shows: { ko: '데이터베이스의 잔액과 일련번호', en: 'balance and sequence number in the database' },
      },
      {
        command: redisCommand(target, `GET ${key}`),
        shows: { ko: '캐시의 값', en: 'what the cache holds' },
      },
      {
        command: redisCommand(target, `PTTL ${key}`),
        shows: { ko: '남은 시간(ms): -1은 만료 없음, -2는 키 없음', en: 'ms it has left; -1: no expiry, -2: no key' },
      },
    ];
  },
};

/** @throws UnknownValue */
export function cacheRoles({ roles }: Target): { readonly role: CacheRole; readonly accounts: AccountsRole } {
  if (roles.cache === undefined || roles.accounts === undefined) throw new UnknownValue(notMapped);
  return { role: roles.cache, accounts: roles.accounts };
}

/** @throws UnknownValue for a key that is none of this cache. */
export function askedAccounts(subject: Subject | undefined, role: CacheRole): readonly bigint[] | undefined {
  if (subject?.accountId === undefined && subject?.keys === undefined) return undefined;
  const ofKeys = (subject.keys ?? []).map((key) => {
    const accountId = accountOfKey(role, key);
    if (accountId === undefined) throw new UnknownValue(`"${key}" is no key of this cache (${role.keyPattern})`);
    return accountId;
  });
  return [...(subject.accountId === undefined ? [] : [subject.accountId]), ...ofKeys];
}

/** An account that is not there has a row all the same: its entry in the cache is an orphan. */
export async function askedRows(
  { mysql }: Target,
  accounts: AccountsRole,
  asked: readonly bigint[],
): Promise<readonly AccountRow[]> {
  const rows = await accountRows(mysql, accounts, asked);
  return asked.map((accountId) => {
    const row = rows.find((one) => one.accountId === accountId);
    return row ?? { accountId, balance: 0n, seq: undefined, isAbsent: true };
  });
}

async function sampleOf(
  target: Target,
  accounts: AccountsRole,
  before: CacheStaleness | undefined,
): Promise<{ readonly rows: readonly AccountRow[]; readonly sweptTo: bigint | undefined }> {
  const page = await accountPage(target.mysql, accounts, { after: before?.sweptTo, limit: sweepRows });
  const inPage = new Set(page.map(({ accountId }) => accountId));
  const followed = (before?.entries ?? []).slice(0, followedMax).map(({ accountId }) => accountId);
  const others = [...new Set([...followed, ...(await lastChanged(target))])].filter((id) => !inPage.has(id));
  const rows = [...page, ...(await accountRows(target.mysql, accounts, others))];
  return { rows, sweptTo: page.length < sweepRows ? undefined : page.at(-1)?.accountId };
}

async function lastChanged({ mysql, roles: { outbox } }: Target): Promise<readonly bigint[]> {
  if (outbox?.accountId === undefined) return [];
  const [account, id, table] = [outbox.accountId, outbox.id, outbox.table].map(quote);
  const sql = `SELECT DISTINCT account_id FROM (SELECT ${account} AS account_id FROM ${table}
    ORDER BY ${id} DESC LIMIT ${newestEvents}) newest LIMIT ${changedRows}`;
  const rows = await mysql.query(sql, [], z.object({ account_id: z.coerce.bigint() }));
  return rows.map(({ account_id }) => account_id);
}

function entryRow({ key, kind, cached, row, ttlMs, invalidation }: CacheEntry): readonly string[] {
  return [
    key,
    kind,
    cached,
    String(row?.seq ?? '-'),
    String(row?.balance ?? '-'),
    ttlMs === undefined ? 'none' : String(ttlMs),
    invalidationText(invalidation),
    invalidation?.dedupKey ?? '',
  ];
}

export function invalidationText(invalidation: CacheEntry['invalidation']): string {
  if (invalidation === undefined) return '-';
  const { state, partition, offset, committed, reason } = invalidation;
  if (state === 'unknown') return `? ${reason}`;
  const at = partition === undefined ? '' : ` p${partition}@${offset}`;
  return `${state}${at}${committed === undefined ? '' : ` < ${committed}`}`;
}

function summaryCells({ tombstones, absent, unread, ttl, withoutTtl }: CacheStaleness): readonly string[] {
  const together =
    ttl === undefined
      ? ''
      : `${ttl.minMs}/${ttl.medianMs}/${ttl.maxMs}, ${ttl.together.entries} of ${ttl.entries} within 1 s`;
  const unreadText = unread === undefined ? '' : `? ${unread.keys} unread: ${unread.reason}`;
  return [`tombstones ${tombstones}, absent ${absent}`, '', '', together, `no TTL ${withoutTtl.length}`, unreadText];
}
