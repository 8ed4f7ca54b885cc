import type { Text } from '../../text.ts';
import type { Finding } from '../probe.ts';
import type { KeyCounts } from './client-counts.ts';
import type { HotKey } from './hot-key.ts';
import type { RedisHotKeys } from './hot-keys.ts';
import { judgeRedisNodes } from './nodes-findings.ts';

/** One key is hot that takes so much of everything … */
const hotShare = 0.2;
/** … and clearly more than its part: with four keys a quarter each is even. */
const timesItsPart = 4;
/** Below this nobody is hurt. */
const hotPerSecond = 50;

export function judgeRedisHotKeys({ clients, nodes }: RedisHotKeys): readonly Finding[] {
  const shards = nodes.known ? judgeRedisNodes(nodes.value) : [];
  return [
    ...(clients.known ? hotKeys(clients.value) : []).map(
      (hot): Finding => ({ key: `hot-key.${hot.slot}.${hot.key}`, severity: 'warning', text: hotKeyText(hot) }),
    ),
    ...shards.filter(({ key }) => key.startsWith('redis.hot-shard.')),
  ];
}

export function hotKeys({ keys, distinct }: Pick<KeyCounts, 'keys' | 'distinct'>): readonly HotKey[] {
  return keys.filter(
    ({ share, perSecond }) => share >= hotShare && share * distinct >= timesItsPart && perSecond >= hotPerSecond,
  );
}

export function hotKeyText({ key, slot, share, perSecond, node }: HotKey): Text {
  const percent = (share * 100).toFixed(0);
  const rate = perSecond.toFixed(0);
  return {
    ko: `핫 키 ${key}: 전체 접근의 ${percent} % (초당 ${rate}건), 슬롯 ${slot}${node === undefined ? '' : `, 노드 ${node}`}`,
    en: `hot key ${key}: ${percent} % of all accesses (${rate}/s), slot ${slot}${node === undefined ? '' : `, node ${node}`}`,
  };
}
