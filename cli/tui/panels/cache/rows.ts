import type { CacheEntry, EntryKind } from '../../../../infra/probes/cache/look.ts';
import { type CacheStaleness, invalidationText } from '../../../../infra/probes/cache/staleness.ts';
import { isFoundKind } from '../../../../infra/probes/cache/staleness-findings.ts';
import { runOutTogether } from '../../../../infra/probes/cache/ttl.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { count, latency } from '../../ui/format.ts';
import { cut, flow, join, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  checked: { ko: '확인', en: 'checked' },
  fresh: { ko: '최신', en: 'fresh' },
  tombstones: { ko: '무효화됨', en: 'invalidated' },
  absent: { ko: '없음', en: 'absent' },
  unread: (keys: number, reason: string): Text => ({
    ko: `? ${keys}개는 읽지 못함 (${reason})`,
    en: `? ${keys} keys not read (${reason})`,
  }),
  ttl: { ko: 'TTL 최소/중앙/최대', en: 'TTL min/median/max' },
  together: (entries: number, of: number): Text => ({
    ko: `1초 안에 함께 만료: ${of}개 중 ${entries}개`,
    en: `run out within one second: ${entries} of ${of}`,
  }),
  noTtl: (entries: number): Text => ({ ko: `TTL 없음 ${entries}개`, en: `${entries} without a TTL` }),
  kind: {
    stale: { ko: '옛 값', en: 'stale' },
    'wrong-balance': { ko: '잔액 다름', en: 'wrong balance' },
    ahead: { ko: '앞선 값', en: 'ahead' },
    undecodable: { ko: '해독 불가', en: 'undecodable' },
    orphan: { ko: '계좌 없음', en: 'no account' },
    pending: { ko: '무효화 중', en: 'on its way' },
    unverified: { ko: '확인 불가', en: 'unverified' },
  } satisfies Record<EntryKind, Text>,
  heading: {
    key: { ko: '키', en: 'key' },
    verdict: { ko: '판정', en: 'verdict' },
    cached: { ko: '캐시', en: 'cache' },
    database: { ko: 'DB seq:잔액', en: 'db seq:balance' },
    invalidation: { ko: '무효화', en: 'invalidation' },
    ttl: { ko: '남은 TTL', en: 'TTL left' },
    event: { ko: '이벤트', en: 'event' },
  },
} as const;

/** What was compared and how the TTLs are spread; then every entry that is not simply fine. */
export function cacheRows(value: CacheStaleness, context: RowsContext): readonly Line[] {
  const { entries } = value;
  const sorted = [...entries].sort((a, b) => Number(isFoundKind(b.kind)) - Number(isFoundKind(a.kind)));
  const lines = [...countLines(value, context), ...ttlLines(value, context), ...entryTable(sorted, context)];
  return lines.map((row) => cut(row, context.width));
}

function countLines(value: CacheStaleness, { width, language }: RowsContext): readonly Line[] {
  const { checked, fresh, tombstones, absent, entries, unread } = value;
  const cell = (text: Text, number: number, tone: Tone = 'plain'): Line => [
    span(`${say(text, language)} `, 'muted'),
    span(count(number), tone, { bold: tone !== 'plain' }),
  ];
  const kinds = Object.entries(words.kind).flatMap(([kind, text]) => {
    const number = entries.filter((entry) => entry.kind === kind).length;
    const isFound = entries.some((entry) => entry.kind === kind && isFoundKind(entry.kind));
    return number === 0 ? [] : [cell(text, number, isFound ? 'critical' : 'plain')];
  });
  return [
    ...flow(
      [
        cell(words.checked, checked),
        cell(words.fresh, fresh),
        cell(words.tombstones, tombstones),
        cell(words.absent, absent),
        ...kinds,
      ],
      { width, indent: 0 },
    ),
    ...(unread === undefined
      ? []
      : [line(say(words.unread(unread.keys, printable(unread.reason)), language), 'unknown')]),
  ];
}

function ttlLines({ ttl, withoutTtl }: CacheStaleness, { width, language }: RowsContext): readonly Line[] {
  const cells: Line[] = [];
  if (ttl !== undefined) {
    const spread = [ttl.minMs, ttl.medianMs, ttl.maxMs].map((ms) => latency(ms, language)).join(' / ');
    const tone: Tone = runOutTogether(ttl) ? 'warning' : 'muted';
    cells.push([span(`${say(words.ttl, language)} `, 'muted'), span(spread)]);
    cells.push(line(say(words.together(ttl.together.entries, ttl.entries), language), tone));
  }
  if (withoutTtl.length > 0) cells.push(line(say(words.noTtl(withoutTtl.length), language), 'warning'));
  return flow(cells, { width, indent: 0 });
}

function entryTable(entries: readonly CacheEntry[], context: RowsContext): readonly Line[] {
  const { width, language } = context;
  if (entries.length === 0) return [];
  const heading = Object.values(words.heading).map((text, index) =>
    line(`${index === 0 ? '  ' : ''}${say(text, language)}`, 'muted'),
  );
  const columns = [
    {},
    {},
    { grow: true, min: 14 },
    { drop: 1 },
    { drop: 2 },
    { drop: 3, align: 'right' as const },
    { drop: 4 },
  ];
  return table([heading, ...entries.map((entry) => cellsOf(entry, context))], { width, columns });
}

function cellsOf(entry: CacheEntry, { language }: RowsContext): readonly Line[] {
  const { kind, key, cached, row, invalidation, ttlMs } = entry;
  const tone: Tone = isFoundKind(kind) ? 'critical' : kind === 'unverified' ? 'unknown' : 'muted';
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(printable(key))],
    line(say(words.kind[kind], language), tone),
    line(printable(cached).replaceAll(/\s+/g, ' ').slice(0, 60)),
    line(row === undefined ? '-' : `${row.seq ?? '-'}:${row.balance}`),
    line(printable(invalidationText(invalidation)), invalidation?.state === 'consumed' ? 'warning' : 'muted'),
    line(ttlMs === undefined ? '-' : latency(ttlMs, language), 'muted'),
    line(printable(invalidation?.dedupKey ?? ''), 'muted'),
  ];
}

export function cacheSummary({ checked, entries }: CacheStaleness, { language }: RowsContext): Line {
  const bad = entries.filter(({ kind }) => isFoundKind(kind));
  const parts = [line(`${say(words.checked, language)} ${count(checked)}`)];
  for (const kind of new Set(bad.map((entry) => entry.kind))) {
    const number = bad.filter((entry) => entry.kind === kind).length;
    parts.push(line(`${say(words.kind[kind], language)} ${count(number)}`, 'critical'));
  }
  return join(parts, line(' · ', 'muted'));
}
