import type { Text } from '../../text.ts';
import type { Finding } from '../probe.ts';
import type { CacheEntry, EntryKind } from './look.ts';
import type { CacheStaleness } from './staleness.ts';
import { runOutTogether } from './ttl.ts';

/** More of a kind are counted, not listed. */
const listedMax = 20;

const found: readonly EntryKind[] = ['stale', 'wrong-balance', 'ahead', 'undecodable', 'orphan'];

export const isFoundKind = (kind: EntryKind): boolean => found.includes(kind);

export function judgeCacheStaleness(value: CacheStaleness): readonly Finding[] {
  const bad = value.entries.filter(({ kind }) => isFoundKind(kind));
  return [
    ...bad.slice(0, listedMax).map(
      (entry): Finding => ({
        key: `cache.${entry.kind}.${entry.accountId}`,
        severity: entry.kind === 'undecodable' || entry.kind === 'orphan' ? 'warning' : 'critical',
        text: entryText(entry),
      }),
    ),
    ...ttlFindings(value),
  ];
}

function ttlFindings({ ttl, withoutTtl }: Pick<CacheStaleness, 'ttl' | 'withoutTtl'>): readonly Finding[] {
  const [example] = withoutTtl;
  return [
    ...(example === undefined ? [] : [finding('cache.no-ttl', noTtlText(withoutTtl.length, example))]),
    ...(ttl === undefined || !runOutTogether(ttl)
      ? []
      : [finding('cache.no-jitter', noJitterText(ttl.together.entries, ttl.entries, ttl.together.inMs))]),
  ];
}

const finding = (key: string, text: Text): Finding => ({ key, severity: 'warning', text });

export const noTtlText = (entries: number, example: string): Text => ({
  ko: `TTL이 없는 항목 ${entries}개 (예: ${example}): 무효화를 한 번 놓치면 영영 남음`,
  en: `${entries} entries without a TTL (such as ${example}): one missed invalidation and they stay for ever`,
});

export const noJitterText = (together: number, entries: number, inMs: number): Text => {
  const seconds = (inMs / 1000).toFixed(0);
  return {
    ko: `TTL에 지터가 없음: ${entries}개 중 ${together}개가 ${seconds}초 뒤 1초 안에 한꺼번에 만료`,
    en: `TTLs without jitter: ${together} of ${entries} entries run out within the same second, in ${seconds} s`,
  };
};

/** What stands there, what the database says, and why it is wrong. */
export function entryText({ kind, key, cached, row, invalidation }: CacheEntry): Text {
  const shown = cached.length > 60 ? `${cached.slice(0, 60)}…` : cached;
  const database = row === undefined ? '-' : `${row.balance}${row.seq === undefined ? '' : ` (seq ${row.seq})`}`;
  const head = {
    ko: `${key}: 캐시 ${shown}, 데이터베이스 ${database}`,
    en: `${key}: the cache has ${shown}, the database ${database}`,
  };
  const cause = kind === 'stale' ? staleCause(invalidation) : causes[kind];
  return { ko: `${head.ko}: ${cause.ko}`, en: `${head.en}: ${cause.en}` };
}

function staleCause(invalidation: CacheEntry['invalidation']): Text {
  const event = invalidation?.dedupKey ?? '?';
  const { partition, offset } = invalidation ?? {};
  const at = partition === undefined ? event : `${event}, p${partition}@${offset}`;
  switch (invalidation?.state) {
    case 'consumed':
      return {
        ko: `무효화(${at})를 이미 소비했는데도 옛 값`,
        en: `its invalidation (${at}) was consumed, and the old value still stands`,
      };
    case 'given-up':
      return {
        ko: `무효화 이벤트(${event})가 전송되지 않고 버려짐`,
        en: `its invalidation (${event}) was given up and is never sent`,
      };
    default:
      return {
        ko: `10초 넘게 옛 값, 무효화를 소비했는지 알 수 없음 (${invalidation?.reason ?? '?'})`,
        en: `old for over 10 s; nothing tells of its invalidation (${invalidation?.reason ?? '?'})`,
      };
  }
}

const causes: Readonly<Record<Exclude<EntryKind, 'stale'>, Text>> = {
  'wrong-balance': { ko: '일련번호는 맞는데 잔액이 다름', en: 'the sequence number is right, the balance is not' },
  ahead: { ko: '데이터베이스보다 앞선 값', en: 'newer than the database' },
  undecodable: { ko: '해독할 수 없는 값', en: 'a value that cannot be decoded' },
  orphan: { ko: '그런 계좌가 없음', en: 'there is no such account' },
  pending: { ko: '무효화가 아직 오는 중', en: 'its invalidation is on its way' },
  unverified: { ko: '옛 값, 무효화를 확인할 수 없음', en: 'old, and nothing tells of its invalidation yet' },
};
