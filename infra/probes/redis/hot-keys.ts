import { messageOf } from '../../errors.ts';
import { hashTagOf, slotOf } from '../../redis/slot.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { mysqlCommand, redisCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { type KeyCounts, readClientCounts } from './client-counts.ts';
import { judgeRedisHotKeys } from './hot-keys-findings.ts';
import { type RedisNodes, redisNodes } from './nodes.ts';
import { readServerKeys, type ServerKeys } from './server-keys.ts';

/**
 * Who asks for what. Redis 7.0 itself cannot tell: its clients can, at no cost for the server; commandstats tell which
 * node is hot; the slow log tells which keys are slow.
 */
export interface RedisHotKeys {
  readonly clients: Part<KeyCounts>;
  readonly nodes: Part<RedisNodes>;
  /** What each node keeps of its own accord. */
  readonly servers: readonly { readonly address: string; readonly keys: Part<ServerKeys> }[];
}

export const redisHotKeys: Probe<RedisHotKeys> = {
  id: 'redis.hot-keys',
  title: { ko: '핫 키', en: 'Hot keys' },
  cost: 'slow',
  timeoutMs: 4_000,
  async read(target, context) {
    const { previous, nowMs } = context;
    const before = previous?.value.nodes;
    const nodesBefore = before?.known && previous ? { value: before.value, takenAtMs: previous.takenAtMs } : undefined;
    const [nodes, clients, servers] = await Promise.all([
      partly(redisNodes.read(target, { signal: context.signal, nowMs, previous: nodesBefore })),
      partly(readClientCounts(target)),
      readServerKeys(target),
    ]);
    if (!nodes.known && !clients.known) throw new UnknownValue(nodes.reason);
    return { nodes, clients, servers };
  },
  judge: judgeRedisHotKeys,
  numbers({ clients }) {
    const [top] = clients.known ? clients.value.keys : [];
    return top === undefined ? {} : { topShare: top.share, topPerSecond: top.perSecond };
  },
  rows({ clients, nodes, servers }) {
    return [
      ['WHAT', 'NAME', 'SLOT', 'HASH TAG', 'PER S', 'SHARE', 'NODE'],
      ...(clients.known ? countRows(clients.value) : [unknownRow('clients', clients.reason)]),
      ...(nodes.known ? nodeRows(nodes.value) : [unknownRow('nodes', nodes.reason)]),
      ...servers.flatMap(({ address, keys }) => (keys.known ? serverRows(address, keys.value) : [])),
    ];
  },
  verifyWith(target: Target, about) {
    const heartbeats = target.roles.heartbeats;
    const value = about?.value as RedisHotKeys | undefined;
    const addresses = value?.nodes.known ? value.nodes.value.nodes.map(({ address }) => address) : [];
    return [
      ...(heartbeats?.topKeys === undefined
        ? []
        : [
            {
              command: mysqlCommand(target, `SELECT worker, ${heartbeats.topKeys} FROM ${heartbeats.table}`),
              shows: {
                ko: '워커가 세어 둔 키와 슬롯: 여러 워커의 합이 이 값',
                en: 'keys and slots as each worker counted them: their sum is this value',
              },
            },
          ]),
      ...addresses.map((address) => ({
        command: redisCommand(target, 'INFO commandstats', address),
        shows: { ko: '노드의 명령별 호출 수', en: 'calls of each command on this node' },
      })),
    ];
  },
};

async function partly<T>(reading: Promise<T>): Promise<Part<T>> {
  try {
    return known(await reading);
  } catch (error) {
    return unknownPart(printable(messageOf(error)).slice(0, 200));
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const unknownRow = (what: string, reason: string): readonly string[] => [what, `? ${reason}`, '', '', '', '', ''];

function countRows({ keys, slots, perSecond, workers }: KeyCounts): readonly (readonly string[])[] {
  return [
    ...keys.map(({ key, slot, hashTag, perSecond: own, share, node }) => [
      'key',
      key,
      String(slot),
      hashTag ?? '',
      own.toFixed(1),
      percent(share),
      node ?? '',
    ]),
    ...slots.map(({ slot, perSecond: own, share }) => [
      'slot',
      '',
      String(slot),
      '',
      own.toFixed(1),
      percent(share),
      '',
    ]),
    ['clients', workers.join(' '), '', '', perSecond.toFixed(1), '', ''],
  ];
}

function nodeRows({ nodes }: RedisNodes): readonly (readonly string[])[] {
  return nodes.map(({ address, rates }) => [
    'node',
    rates.known
      ? rates.value.commands
          .slice(0, 3)
          .map(({ command, perSecond }) => `${command} ${perSecond.toFixed(0)}/s`)
          .join(', ')
      : `? ${rates.reason}`,
    '',
    '',
    rates.known ? rates.value.ops.toFixed(1) : '?',
    '',
    address,
  ]);
}

function serverRows(address: string, { slow, slots }: ServerKeys): readonly (readonly string[])[] {
  return [
    ...slow.map(({ key, command, calls, usec }) => [
      'slow log',
      `${command} ${key === undefined ? '' : `${key} `}${calls} × ${(usec / calls / 1000).toFixed(1)} ms`,
      key === undefined ? '' : String(slotOf(key)),
      key === undefined ? '' : (hashTagOf(key) ?? ''),
      '',
      '',
      address,
    ]),
    ...slots.map(({ slot, cpuUsec }) => ['slot cpu', `${cpuUsec} us`, String(slot), '', '', '', address]),
  ];
}
