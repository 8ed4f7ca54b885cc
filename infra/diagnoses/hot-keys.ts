import { redisCommand } from '../probes/native-commands.ts';
import type { HotKey } from '../probes/redis/hot-key.ts';
import { type RedisHotKeys, redisHotKeys } from '../probes/redis/hot-keys.ts';
import { hotKeys as hotKeysOf, hotKeyText } from '../probes/redis/hot-keys-findings.ts';
import type { RedisNodes } from '../probes/redis/nodes.ts';
import { isHotShard, judgeRedisNodes } from '../probes/redis/nodes-findings.ts';
import { ownerOf } from '../redis/cluster/key-places.ts';
import { addressOf, redisServers } from '../redis/places.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import type { Answer, Diagnosis, DiagnosisFinding, NextStep } from './diagnosis.ts';
import { readValue } from './read-probe.ts';

/** Which key, which slot, which node carries more than its part. */
export const hotKeys: Diagnosis = {
  id: 'hot-keys',
  title: { ko: '핫 키와 핫 샤드', en: 'Hot keys and hot shards' },
  question: {
    ko: '한 키나 한 노드에 부하가 몰리는가? 키 하나인가, 여러 슬롯인가?',
    en: 'does one key or one node carry the load, and is it one slot or many?',
  },
  probes: ['redis.hot-keys', 'redis.nodes'],
  narrowsBy: [],
  timeoutMs: 20_000,
  async ask(target, context): Promise<Answer> {
    const value = await readValue(redisHotKeys, target, context);
    const keys = value.clients.known ? hotKeysOf(value.clients.value) : [];
    const shard = value.nodes.known ? await shardFinding(target, value, value.nodes.value) : [];
    const findings = [...keys.map(keyFinding), ...shard];
    return {
      status: findings.length > 0 ? 'finding' : value.clients.known ? 'clean' : 'unknown',
      counts: countsOf(value, keys),
      findings,
      explanation: explanationOf(value),
      next: [...nextSteps(findings), ...(value.clients.known ? [] : [withoutCounts(target)])],
    };
  },
};

function keyFinding(hot: HotKey): DiagnosisFinding {
  const { key, slot, hashTag, perSecond, share, node } = hot;
  return {
    key: `hot-key.${key}`,
    kind: 'hot-key',
    severity: 'warning',
    text: hotKeyText(hot),
    evidence: [
      {
        key,
        slot,
        hash_tag: hashTag ?? null,
        per_s: Math.round(perSecond),
        share_percent: Math.round(share * 1000) / 10,
        node: node ?? null,
      },
    ],
  };
}

/** A single slot cannot be split by moving slots, a run of them can: the two call for opposite cures. */
const oneSlotShare = 0.5;

async function shardFinding(
  target: Target,
  { clients }: RedisHotKeys,
  nodes: RedisNodes,
): Promise<readonly DiagnosisFinding[]> {
  const { spread } = nodes;
  const finding = judgeRedisNodes(nodes).find(({ key }) => key.startsWith('redis.hot-shard.'));
  if (spread === undefined || finding === undefined || !isHotShard(spread)) return [];
  const members = ((await redisServers(target)).cluster ?? []).flatMap(({ member }) => member ?? []);
  const own = (clients.known ? clients.value.slots : []).filter(({ slot }) => {
    const owner = ownerOf(slot, members);
    return owner !== undefined && addressOf(owner) === spread.hottest;
  });
  const [top] = own;
  const isOneSlot = top !== undefined && top.perSecond >= spread.opsPerSecond * oneSlotShare;
  const cure: Text =
    top === undefined
      ? { ko: '어느 슬롯인지는 알 수 없음', en: 'which slots, nothing tells' }
      : isOneSlot
        ? {
            ko: `슬롯 ${top.slot} 하나에 몰림: 슬롯을 옮겨도 소용없고, 키를 쪼개거나 앞에서 캐시해야 함`,
            en: `it is the one slot ${top.slot}: moving slots does not help, split the key or cache it in the client`,
          }
        : {
            ko: '여러 슬롯에 걸침: 슬롯 일부를 다른 마스터로 옮기면 됨',
            en: 'it is many slots: move some to another master',
          };
  return [
    {
      key: finding.key,
      kind: 'hot-shard',
      severity: finding.severity,
      text: { ko: `${finding.text.ko}. ${cure.ko}`, en: `${finding.text.en}; ${cure.en}` },
      evidence: nodes.nodes
        .filter(({ slots }) => slots > 0)
        .map(({ address, slots, rates }) => ({
          node: address,
          slots,
          ops_per_s: rates.known ? Math.round(rates.value.ops) : null,
          is_hot: address === spread.hottest,
        })),
    },
  ];
}

function countsOf({ clients, nodes }: RedisHotKeys, keys: readonly HotKey[]): Answer['counts'] {
  return {
    hotKeys: keys.length,
    ...(clients.known
      ? {
          clients: clients.value.workers.length,
          keysSeen: clients.value.distinct,
          accessesPerSecond: Math.round(clients.value.perSecond),
        }
      : {}),
    ...(nodes.known ? { nodes: nodes.value.nodes.length } : {}),
  };
}

function explanationOf({ clients, nodes, servers }: RedisHotKeys): Text {
  const counted: Text = clients.known
    ? {
        ko: `클라이언트 ${clients.value.workers.length}개가 최근 ${Math.round(clients.value.windowMs / 1000)}초 동안 센 키입니다`,
        en: `keys as ${clients.value.workers.length} clients counted them over the last ${Math.round(clients.value.windowMs / 1000)} s`,
      }
    : {
        ko: `클라이언트가 센 키 접근 수가 없어(${clients.reason}) 어느 키에 몰리는지 알 수 없습니다. Redis는 명령 수를 노드별로만 셉니다. 클라이언트에서 키별로 세어 하트비트에 남기면(역할 맵의 heartbeats.topKeys) 여기서 읽습니다`,
        en: `which key is hot cannot be told: no key counts of clients (${clients.reason}), and Redis counts commands by node, not by key. Clients that count their keys and write them to their heartbeats (heartbeats.topKeys of the role map) are read here`,
      };
  const silent = nodes.known ? nodes.value.nodes.filter(({ facts }) => !facts.known).length : 0;
  const slow = servers.reduce((sum, { keys }) => sum + (keys.known ? keys.value.slow.length : 0), 0);
  const parts: Text[] = [counted];
  if (slow > 0) {
    parts.push({
      ko: `최근 10분의 느린 명령 ${slow}가지: labctl get redis.hot-keys`,
      en: `${slow} kinds of slow commands in the last 10 min: labctl get redis.hot-keys`,
    });
  }
  if (silent > 0) parts.push({ ko: `노드 ${silent}개는 응답하지 않았습니다`, en: `${silent} nodes did not answer` });
  return { ko: parts.map(({ ko }) => ko).join('. '), en: parts.map(({ en }) => en).join('. ') };
}

/**
 * The one way to ask Redis itself, and what it costs: OBJECT FREQ is there under an LFU policy only, and SCAN walks the
 * whole keyspace. MONITOR, which would tell, can halve what a server does, so it is not proposed.
 */
function withoutCounts(target: Target): NextStep {
  return {
    text: {
      ko: 'Redis에 직접 물어볼 방법: maxmemory-policy가 *-lfu일 때만 되고, 전체 키를 SCAN하므로 한가한 때에 쉬어 가며(-i 0.01) 실행하고, 초당 횟수가 아니라 오래 누적되어 서서히 줄어드는 빈도임',
      en: 'what Redis itself can tell: only under a *-lfu maxmemory-policy; it SCANs all keys, so run it at a quiet hour and with pauses (-i 0.01); its figure is a decaying frequency, not accesses per second',
    },
    command: redisCommand(target, '--hotkeys -i 0.01'),
  };
}

function nextSteps(findings: readonly DiagnosisFinding[]): readonly NextStep[] {
  const hot = findings.find(({ kind }) => kind === 'hot-key');
  const steps: NextStep[] = [];
  if (hot !== undefined) {
    steps.push({
      text: {
        ko: '핫 키는 키를 쪼개거나(사본 N개) 프로세스 안에 짧게 캐시합니다. 계속 지켜보기',
        en: 'a hot key is split into N copies, or cached in the process for a moment; watch it',
      },
      command: 'labctl get redis.hot-keys -w',
    });
  }
  if (findings.some(({ kind }) => kind === 'hot-shard')) {
    steps.push({
      text: { ko: '슬롯이 어느 마스터에 있는지 보기', en: 'see which master has which slots' },
      command: 'labctl get redis.cluster',
    });
  }
  return steps;
}
