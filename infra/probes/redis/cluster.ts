import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { type ListedMember, parseMembers, slotCount } from '../../redis/cluster/cluster-view.ts';
import { type KeysTogether, keysTogether } from '../../redis/cluster/key-places.ts';
import { numberIn, parseInfo } from '../../redis/info.ts';
import { addressOf, type RedisPlace, redisServers } from '../../redis/places.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { quoted, redisCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { judgeRedisCluster } from './cluster-findings.ts';
import { clusterRows } from './cluster-rows.ts';

export interface RedisCluster {
  /** Unknown `not mapped` where there is none: slots and hash tags of keys can be told all the same. */
  readonly cluster: Part<ClusterFacts>;
  /** Of the keys that were asked about. */
  readonly keys: KeysTogether | undefined;
}

export interface ClusterFacts {
  /** What each node that can be asked says of the whole; a node that is cut off may see another cluster. */
  readonly views: readonly { readonly address: string; readonly view: Part<NodeView> }[];
  readonly nodes: readonly ClusterNode[];
  readonly slots: {
    readonly assigned: number;
    /** As the node with the most to complain about counts them. */
    readonly pfail: number;
    readonly fail: number;
    readonly uncovered: number;
  };
  readonly epoch: number;
  /** Takeovers that were seen while watching, the newest last. */
  readonly failovers: readonly Failover[];
  readonly moves: readonly SlotMove[];
}

export interface NodeView {
  readonly state: string;
  readonly slotsOk: number;
  readonly slotsPfail: number;
  readonly slotsFail: number;
  readonly epoch: number;
}

export interface ClusterNode {
  readonly id: string;
  readonly address: string;
  readonly role: 'master' | 'replica';
  readonly masterId: string | undefined;
  /** failing: most of the masters agree (fail). suspect: one does not reach it (fail?). */
  readonly health: 'ok' | 'suspect' | 'failing';
  readonly slots: number;
  readonly ranges: string;
  readonly epoch: number;
}

export interface Failover {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly slots: number;
  /** The configuration epoch that the new master won. */
  readonly epoch: number;
}

export interface SlotMove {
  readonly slot: number;
  readonly from: string;
  readonly to: string;
  /** Only one of the two nodes knows of it. */
  readonly lacksOther: boolean;
  /** And so it was in the reading before: a broken resharding left it behind. */
  readonly isOneSided: boolean;
}

const failoversKept = 20;

export const redisCluster: Probe<RedisCluster> = {
  id: 'redis.cluster',
  title: { ko: 'Redis Cluster', en: 'Redis Cluster' },
  cost: 'slow',
  timeoutMs: 4_000,
  narrowsBy: ['keys'],
  isMapped: ({ endpoints: { redis, redisCluster } }) => (redis ?? redisCluster) !== undefined,
  async read(target, { subject, previous, nowMs }) {
    const { cluster: places } = await redisServers(target);
    const keys = subject?.keys;
    if (places === undefined) {
      const reason = `${notMapped}: no Redis Cluster runs`;
      if (keys === undefined || target.endpoints.redis === undefined) throw new UnknownValue(reason);
      return { cluster: unknownPart(reason), keys: keysTogether(keys, []) };
    }
    const answers = await Promise.all(places.map(askNode));
    const told = answers.flatMap(({ members }) => (members === undefined ? [] : [members]));
    const [first] = told;
    if (first === undefined) throw new UnknownValue(reasonOf(answers));
    const before = previous?.value.cluster;
    const facts = factsOf(answers, told, { before: before?.known ? before.value : undefined, nowMs });
    return {
      cluster: known(facts),
      keys: keys === undefined ? undefined : keysTogether(keys, withMoves(newest(told), answers)),
    };
  },
  judge: judgeRedisCluster,
  numbers({ cluster }) {
    return cluster.known ? { uncovered: cluster.value.slots.uncovered, failovers: cluster.value.failovers.length } : {};
  },
  rows: clusterRows,
  verifyWith(target: Target, about) {
    const value = about?.value as RedisCluster | undefined;
    const views = value?.cluster.known ? value.cluster.value.views : [];
    // Before anything was read: the one that is named.
    const at = value === undefined ? namedNode(target) : views.find(({ view }) => view.known)?.address;
    const keys = about?.subject?.keys ?? [];
    if (at === undefined) return [];
    return [
      {
        command: redisCommand(target, 'CLUSTER NODES', at),
        shows: { ko: '노드마다 역할, 마스터, 에폭, 슬롯', en: 'role, master, epoch and slots of each node' },
      },
      {
        command: redisCommand(target, 'CLUSTER INFO', at),
        shows: { ko: 'cluster_state와 슬롯 수', en: 'cluster_state and the numbers of slots' },
      },
      ...keys.map((key) => ({
        command: redisCommand(target, `CLUSTER KEYSLOT ${quoted(key)}`, at),
        shows: { ko: '이 키의 슬롯', en: 'the slot of this key' },
      })),
    ];
  },
};

function namedNode({ endpoints: { redis, redisCluster } }: Target): string | undefined {
  const named = redisCluster?.[0] ?? redis;
  return named && addressOf(named);
}

interface NodeAnswer {
  readonly place: RedisPlace;
  readonly view: Part<NodeView>;
  readonly members: readonly ListedMember[] | undefined;
}

async function askNode(place: RedisPlace): Promise<NodeAnswer> {
  try {
    const [info, nodes] = await Promise.all([
      place.client.command('CLUSTER', ['INFO'], z.string()),
      place.client.command('CLUSTER', ['NODES'], z.string()),
    ]);
    const fields = parseInfo(info);
    const count = (name: string): number => numberIn(fields, name) ?? 0;
    const view = {
      state: fields.get('cluster_state') ?? '?',
      slotsOk: count('cluster_slots_ok'),
      slotsPfail: count('cluster_slots_pfail'),
      slotsFail: count('cluster_slots_fail'),
      epoch: count('cluster_current_epoch'),
    };
    const members = parseMembers(nodes).map((member) =>
      member.flags.includes('myself') && member.host === '' ? { ...member, host: place.host } : member,
    );
    return { place, view: known(view), members };
  } catch (error) {
    return { place, view: unknownPart(printable(messageOf(error)).slice(0, 200)), members: undefined };
  }
}

function reasonOf(answers: readonly NodeAnswer[]): string {
  const reason = answers.flatMap(({ view }) => (view.known ? [] : [view.reason]))[0];
  return reason ?? 'no node of the cluster answers';
}

const ownEpoch = (members: readonly ListedMember[]): number =>
  Math.max(0, ...members.map(({ configEpoch }) => configEpoch));

/** After a takeover the nodes learn of it one after the other: who has seen the highest epoch knows best. */
/** Each node tells only of its own moves. */
function withMoves(members: readonly ListedMember[], answers: readonly NodeAnswer[]): readonly ListedMember[] {
  const own = answers.flatMap((answer) => answer.members?.filter(({ flags }) => flags.includes('myself')) ?? []);
  const moving = new Map(own.map((member) => [member.id, member.moving]));
  return members.map((member) => ({ ...member, moving: moving.get(member.id) ?? member.moving }));
}

function newest(told: readonly (readonly ListedMember[])[]): readonly ListedMember[] {
  return told.reduce((best, members) => (ownEpoch(members) > ownEpoch(best) ? members : best));
}

function factsOf(
  answers: readonly NodeAnswer[],
  told: readonly (readonly ListedMember[])[],
  since: { readonly before: ClusterFacts | undefined; readonly nowMs: number },
): ClusterFacts {
  const members = newest(told);
  const nodes = members
    .filter(({ flags }) => !flags.includes('handshake') && !flags.includes('noaddr'))
    .map((member) => nodeOf(member, told))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const views = answers.flatMap(({ view }) => (view.known ? [view.value] : []));
  const assigned = nodes.reduce((sum, { slots }) => sum + slots, 0);
  const failovers = [...(since.before?.failovers ?? []), ...takeovers(since.before?.nodes, nodes, since.nowMs)];
  return {
    views: answers.map(({ place, view }) => ({ address: addressOf(place), view })),
    nodes,
    slots: {
      assigned,
      pfail: Math.max(...views.map(({ slotsPfail }) => slotsPfail)),
      fail: Math.max(...views.map(({ slotsFail }) => slotsFail)),
      uncovered: slotCount - assigned,
    },
    epoch: Math.max(...views.map(({ epoch }) => epoch)),
    failovers: failovers.slice(-failoversKept),
    moves: movesOf(answers, nodes, since.before?.moves),
  };
}

function nodeOf(member: ListedMember, told: readonly (readonly ListedMember[])[]): ClusterNode {
  const flags = told.flatMap((members) => members.find(({ id }) => id === member.id)?.flags ?? []);
  return {
    id: member.id,
    address: addressOf(member),
    role: member.flags.includes('master') ? 'master' : 'replica',
    masterId: member.masterId,
    health: flags.includes('fail') ? 'failing' : flags.includes('fail?') ? 'suspect' : 'ok',
    slots: member.slots.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    ranges: member.slots.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(' '),
    epoch: member.configEpoch,
  };
}

/** A replica that now serves slots took them over from the master it followed. */
function takeovers(
  before: readonly ClusterNode[] | undefined,
  now: readonly ClusterNode[],
  atMs: number,
): readonly Failover[] {
  return now.flatMap((node) => {
    const earlier = before?.find(({ id }) => id === node.id);
    if (earlier?.role !== 'replica' || node.role !== 'master' || node.slots === 0) return [];
    const from = before?.find(({ id }) => id === earlier.masterId)?.address ?? '?';
    return [{ atMs, from, to: node.address, slots: node.slots, epoch: node.epoch }];
  });
}

/** Each node tells only of its own slots; a move that is just being declared is one-sided for a moment. */
function movesOf(
  answers: readonly NodeAnswer[],
  nodes: readonly ClusterNode[],
  before: readonly SlotMove[] | undefined,
): readonly SlotMove[] {
  const own = answers.flatMap(({ members }) => members?.filter(({ flags }) => flags.includes('myself')) ?? []);
  const isAsked = (id: string): boolean => own.some((member) => member.id === id);
  const addressOfId = (id: string): string => nodes.find((node) => node.id === id)?.address ?? id.slice(0, 8);
  const ends = own.flatMap(({ id, moving }) =>
    moving.map(({ slot, to, from }) => ({ slot, from: from ?? id, to: to ?? id, isSource: to !== undefined })),
  );
  return ends.flatMap(({ slot, from, to, isSource }) => {
    const hasOther = ends.some(
      (other) => other.slot === slot && other.from === from && other.to === to && other.isSource !== isSource,
    );
    if (hasOther && !isSource) return [];
    const lacksOther = !hasOther && isAsked(isSource ? to : from);
    const isOneSided = lacksOther && (before?.some((move) => move.slot === slot && move.lacksOther) ?? false);
    return [{ slot, from: addressOfId(from), to: addressOfId(to), lacksOther, isOneSided }];
  });
}
