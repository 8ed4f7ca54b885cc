import { EngineError, messageOf } from '../../errors.ts';
import { addressOf, type RedisPlace, redisPlaces } from '../../redis/places.ts';
import { type NodeFacts, type NodeRates, nodeRates, readNode, servedCalls } from '../../redis/read-node.ts';
import { shortened } from '../../text.ts';
import { namedRedis, redisCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { judgeRedisNodes } from './nodes-findings.ts';

export interface RedisNodes {
  readonly nodes: readonly RedisNode[];
  /** Undefined: no cluster with two masters under load, or not all of its masters are known. */
  readonly spread: ShardSpread | undefined;
}

export interface RedisNode {
  readonly address: string;
  readonly isInCluster: boolean;
  /** Slots that it serves; 0 for a replica and outside of a cluster. */
  readonly slots: number;
  readonly facts: Part<NodeFacts>;
  readonly rates: Part<NodeRates>;
  /** The last round trips, oldest first, milliseconds. */
  readonly pingsMs: readonly number[];
  /** When it gave no answer within the client's limit, in the last minute. */
  readonly timeoutsAtMs: readonly number[];
  /** What the next reading continues from. */
  readonly trail: { readonly facts: NodeFacts | undefined; readonly calls: readonly CallsAt[] };
}

interface CallsAt {
  readonly runId: string;
  readonly atUs: number;
  readonly calls: number;
}

/** How the load of a cluster is spread over its masters, over `seconds`. */
export interface ShardSpread {
  readonly hottest: string;
  readonly opsPerSecond: number;
  readonly meanPerSecond: number;
  /** hottest / mean; 1 is even. */
  readonly factor: number;
  readonly seconds: number;
}

const timeoutsKeptMs = 60_000;
const pingsKept = 5;
/** A second is short: what is uneven for ten of them is no accident. */
const callsKept = 10;

export const redisNodes: Probe<RedisNodes> = {
  id: 'redis.nodes',
  title: { ko: 'Redis 노드', en: 'Redis nodes' },
  cost: 'tick',
  timeoutMs: 4_000,
  isMapped: ({ endpoints: { redis, redisCluster } }) => (redis ?? redisCluster) !== undefined,
  async read(target, { previous, nowMs }) {
    const places = await redisPlaces(target);
    if (places.length === 0) throw new UnknownValue(`${notMapped}: no Redis is named`);
    const nodes = await Promise.all(
      places.map((place) => {
        const before = previous?.value.nodes.find(({ address }) => address === addressOf(place));
        return readPlace(place, before, nowMs);
      }),
    );
    const refusal = nodes.every(({ facts }) => !facts.known) ? nodes[0]?.facts : undefined;
    if (refusal?.known === false && nodes.length === 1) throw new UnknownValue(refusal.reason);
    return { nodes, spread: spreadOf(nodes) };
  },
  judge: judgeRedisNodes,
  numbers({ nodes, spread }) {
    const rates = nodes.flatMap(({ rates: own }) => (own.known ? [own.value] : []));
    const pings = nodes.flatMap(({ facts }) => (facts.known ? [facts.value.pingMs] : []));
    return {
      ...(rates.length === nodes.length ? { ops: rates.reduce((sum, { ops }) => sum + ops, 0) } : {}),
      ...(pings.length > 0 ? { pingMs: Math.max(...pings) } : {}),
      ...(spread === undefined ? {} : { hotFactor: spread.factor }),
    };
  },
  rows({ nodes }) {
    const heading =
      'NODE ROLE SLOTS OPS/S US/CALL P99_US PING_MS CPU% MEMORY MAXMEMORY CLIENTS BLOCKED REJECTED EVICTED TIMEOUTS LAG';
    return [heading.split(' ').map((title) => title.replaceAll('_', ' ')), ...nodes.map(nodeRow)];
  },
  verifyWith(target, about) {
    const value = about?.value as RedisNodes | undefined;
    const shows = {
      ko: 'cmdstat_*의 calls와 usec: 두 번 읽은 차이가 초당 처리와 호출당 시간',
      en: 'calls and usec of each cmdstat_*: the difference of two readings is the rate and the time a call takes',
    };
    // Before anything was read: the ones that are named.
    const addresses = value?.nodes.map(({ address }) => address) ?? namedRedis(target);
    return addresses.map((address) => ({ command: redisCommand(target, 'INFO all', address), shows }));
  },
};

async function readPlace(place: RedisPlace, before: RedisNode | undefined, nowMs: number): Promise<RedisNode> {
  const timeouts = (before?.timeoutsAtMs ?? []).filter((atMs) => atMs > nowMs - timeoutsKeptMs);
  const node = {
    address: addressOf(place),
    isInCluster: place.isInCluster,
    slots: (place.member?.slots ?? []).reduce((sum, { from, to }) => sum + to - from + 1, 0),
  };
  try {
    const facts = await readNode(place.client);
    const earlier = before?.trail.facts;
    const rates = earlier === undefined ? undefined : nodeRates(earlier, facts);
    const why = earlier !== undefined && earlier.runId !== facts.runId ? 'restarted' : 'from the next reading';
    const calls = (before?.trail.calls ?? []).filter(({ runId }) => runId === facts.runId).slice(1 - callsKept);
    return {
      ...node,
      facts: known(facts),
      rates: rates === undefined ? unknownPart(why) : known(rates),
      pingsMs: [...(before?.pingsMs ?? []).slice(1 - pingsKept), facts.pingMs],
      timeoutsAtMs: timeouts,
      trail: { facts, calls: [...calls, { runId: facts.runId, atUs: facts.atUs, calls: servedCalls(facts) }] },
    };
  } catch (error) {
    const reason = shortened(messageOf(error));
    const isTimeout = error instanceof EngineError && error.code === 'ETIMEDOUT';
    return {
      ...node,
      facts: unknownPart(reason),
      rates: unknownPart(reason),
      pingsMs: before?.pingsMs ?? [],
      timeoutsAtMs: isTimeout ? [...timeouts, nowMs] : timeouts,
      trail: before?.trail ?? { facts: undefined, calls: [] },
    };
  }
}

function spreadOf(nodes: readonly RedisNode[]): ShardSpread | undefined {
  const masters = nodes.filter(({ isInCluster, slots }) => isInCluster && slots > 0);
  const rates = masters.flatMap(({ address, facts, trail: { calls } }) => {
    const [first, last] = [calls[0], calls.at(-1)];
    if (!facts.known || first === undefined || last === undefined || last.atUs <= first.atUs) return [];
    const seconds = (last.atUs - first.atUs) / 1e6;
    // Statistics that somebody reset count backwards.
    return last.calls < first.calls ? [] : [{ address, seconds, perSecond: (last.calls - first.calls) / seconds }];
  });
  if (masters.length < 2 || rates.length < masters.length) return undefined;
  const hottest = rates.reduce((most, one) => (one.perSecond > most.perSecond ? one : most));
  const mean = rates.reduce((sum, { perSecond }) => sum + perSecond, 0) / rates.length;
  if (mean === 0) return undefined;
  return {
    hottest: hottest.address,
    opsPerSecond: hottest.perSecond,
    meanPerSecond: mean,
    factor: hottest.perSecond / mean,
    seconds: Math.min(...rates.map(({ seconds }) => seconds)),
  };
}

/** The slowest of the commands that serve somebody, by its p99 over the server's life. */
export function slowestP99(node: RedisNode): { readonly command: string; readonly p99Us: number } | undefined {
  if (!node.facts.known || !node.rates.known) return undefined;
  const { p99Us } = node.facts.value;
  const used = node.rates.value.commands.flatMap(({ command }) => {
    const usec = p99Us[command];
    return usec === undefined ? [] : [{ command, p99Us: usec }];
  });
  return used.sort((a, b) => b.p99Us - a.p99Us)[0];
}

/** Bytes that the farthest of its replicas has not acknowledged, or seconds since a replica last heard of its master. */
export function replicationText({ link, replicas }: NodeFacts): string {
  if (link !== undefined) return link.isUp ? 'up' : `down ${link.downSeconds} s`;
  return replicas.length === 0 ? '-' : `${Math.max(...replicas.map(({ lagBytes }) => lagBytes))} B`;
}

function nodeRow(node: RedisNode): readonly string[] {
  const { address, slots, facts, rates, timeoutsAtMs } = node;
  if (!facts.known) return [address, `? ${facts.reason}`, ...Array(12).fill(''), String(timeoutsAtMs.length), ''];
  const { role, clients, memory, pingMs, evicted, rejectedConnections } = facts.value;
  const rate = rates.known ? rates.value : undefined;
  const p99 = slowestP99(node);
  return [
    address,
    role,
    String(slots),
    rate === undefined ? '?' : rate.ops.toFixed(0),
    rate?.usecPerCall?.toFixed(1) ?? '-',
    p99 === undefined ? '-' : `${p99.p99Us.toFixed(0)} ${p99.command}`,
    pingMs.toFixed(1),
    rate === undefined ? '?' : (rate.cpu * 100).toFixed(1),
    String(memory.used),
    memory.max === undefined ? 'none' : String(memory.max),
    String(clients.connected),
    String(clients.blocked),
    String(rejectedConnections),
    String(evicted),
    String(timeoutsAtMs.length),
    replicationText(facts.value),
  ];
}
