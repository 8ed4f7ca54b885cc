import type { KeyCounts } from '../../../../infra/probes/redis/client-counts.ts';
import type { RedisHotKeys } from '../../../../infra/probes/redis/hot-keys.ts';
import { hotKeys } from '../../../../infra/probes/redis/hot-keys-findings.ts';
import { isHotShard } from '../../../../infra/probes/redis/nodes-findings.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { bar } from '../../ui/chart.ts';
import { latency, perSecond } from '../../ui/format.ts';
import { cut, type Line, line, span } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  nobody: { ko: '키를 세는 클라이언트 없음', en: 'no client counts keys' },
  counted: (workers: number, rate: string): Text => ({
    ko: `워커 ${workers}개가 셈, 모두 ${rate}`,
    en: `counted by ${workers} workers, ${rate} in all`,
  }),
  shard: (address: string, factor: string): Text => ({
    ko: `핫 샤드 ${address}: 평균의 ${factor}배`,
    en: `hot shard ${address}: ${factor} × the mean`,
  }),
  slow: { ko: '느린 명령', en: 'slow' },
  none: { ko: '두드러진 키 없음', en: 'no key stands out' },
  heading: {
    key: { ko: '키', en: 'key' },
    share: { ko: '몫', en: 'share' },
    rate: { ko: '초당', en: 'per s' },
    slot: { ko: '슬롯', en: 'slot' },
    tag: { ko: '해시 태그', en: 'hash tag' },
    node: { ko: '노드', en: 'node' },
  },
} as const;

/** The keys that were asked for most, as their clients counted them; a hot shard; what was slow. */
export function hotKeyRows({ clients, nodes, servers }: RedisHotKeys, context: RowsContext): readonly Line[] {
  const { language } = context;
  const spreadOf = nodes.known ? nodes.value.spread : undefined;
  const shard =
    spreadOf !== undefined && isHotShard(spreadOf)
      ? [line(say(words.shard(spreadOf.hottest, spreadOf.factor.toFixed(1)), language), 'warning')]
      : [];
  const slow = servers.flatMap(({ address, keys }) =>
    keys.known ? keys.value.slow.slice(0, 3).map((one) => ({ address, ...one })) : [],
  );
  const lines = [
    ...shard,
    ...(clients.known
      ? keyLines(clients.value, context)
      : [line(`${marks.unknown} ${say(words.nobody, language)} (${printable(clients.reason)})`, 'unknown')]),
    ...slow.map(
      ({ address, command, key, calls, usec }): Line => [
        span(`${say(words.slow, language)} `, 'muted'),
        span(key === undefined ? printable(command) : `${printable(command)} ${printable(key)}`),
        span(` ${calls} × ${latency(usec / calls / 1000, language)} ${address}`, 'muted'),
      ],
    ),
  ];
  return lines.map((row) => cut(row, context.width));
}

function keyLines(counts: KeyCounts, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const hot = new Set(hotKeys(counts).map(({ key }) => key));
  const heading = Object.values(words.heading).map((text, index) =>
    line(`${index === 0 ? '  ' : ''}${say(text, language)}`, 'muted'),
  );
  const top = counts.keys[0]?.share ?? 0;
  const cells = counts.keys.map(({ key, share, perSecond: rate, slot, hashTag, node }): readonly Line[] => {
    const tone = hot.has(key) ? 'warning' : 'ok';
    return [
      [span(hot.has(key) ? `${marks.warning} ` : '  ', tone, { bold: true }), span(printable(key))],
      line(`${(share * 100).toFixed(1)} %`, hot.has(key) ? 'warning' : 'plain', { bold: hot.has(key) }),
      line(perSecond(rate)),
      line(String(slot), 'muted'),
      line(hashTag === undefined ? '' : `{${printable(hashTag)}}`, 'accent'),
      line(node ?? '', 'muted'),
      line(bar(share, top, width >= 100 ? 30 : 10), 'accent'),
    ];
  });
  const right = { align: 'right' } as const;
  const columns = [{ grow: true, min: 14 }, right, right, { ...right, drop: 2 }, { drop: 3 }, { drop: 4 }, { drop: 1 }];
  return [
    line(say(words.counted(counts.workers.length, perSecond(counts.perSecond)), language), 'muted'),
    ...table([heading, ...cells], { width, columns }),
  ];
}

export function hotKeysSummary({ clients, nodes }: RedisHotKeys, { language }: RowsContext): Line {
  const spreadOf = nodes.known ? nodes.value.spread : undefined;
  if (spreadOf !== undefined && isHotShard(spreadOf))
    return line(say(words.shard(spreadOf.hottest, spreadOf.factor.toFixed(1)), language), 'warning');
  if (!clients.known) return line(`${marks.unknown} ${say(words.nobody, language)}`, 'unknown');
  const [first] = hotKeys(clients.value);
  return first === undefined
    ? line(say(words.none, language))
    : line(`${printable(first.key)} ${(first.share * 100).toFixed(0)} %`, 'warning');
}
