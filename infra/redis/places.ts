import { z } from 'zod';
import type { Target } from '../target.ts';
import { type ListedMember, parseMembers } from './cluster/cluster-view.ts';
import { parseInfo } from './info.ts';
import type { ReadOnlyRedis } from './read-only.ts';

/** One Redis process of a target, and who asks it. */
export interface RedisPlace {
  readonly host: string;
  readonly port: number;
  readonly client: ReadOnlyRedis;
  /** What the cluster says of it; undefined of a standalone server, and where no node of the cluster answers. */
  readonly member: ListedMember | undefined;
  readonly isInCluster: boolean;
}

type Endpoint = { readonly host: string; readonly port: number };

interface Asked extends Endpoint {
  readonly client: ReadOnlyRedis;
}

/** `host:port`, as an operator writes it. */
export const addressOf = ({ host, port }: Endpoint): string => `${host}:${port}`;

/**
 * Every node that the target can have: the server that is named, and the nodes of its cluster. One that is named and is
 * itself a node of a cluster stands for all of them. Nodes are known by the address that the cluster announces.
 */
export async function redisPlaces(target: Target): Promise<readonly RedisPlace[]> {
  const { standalone, cluster } = await redisServers(target);
  return [...(standalone === undefined ? [] : [standalone]), ...(cluster ?? [])];
}

export interface RedisServers {
  /** The cache, where it is no node of a cluster. */
  readonly standalone: RedisPlace | undefined;
  /** Undefined: there is no cluster, or nobody started it. */
  readonly cluster: readonly RedisPlace[] | undefined;
}

export async function redisServers(target: Target): Promise<RedisServers> {
  const { redis: named, redisCluster: nodes = [] } = target.endpoints;
  const configured = target.redisCluster.flatMap((client, index): readonly Asked[] => {
    const node = nodes[index];
    return node === undefined ? [] : [{ host: node.host, port: node.port, client }];
  });
  const [clusterOf, isNode] = await Promise.all([
    clusterPlaces(configured),
    named === undefined ? false : isInCluster(target.redis),
  ]);
  const server: Asked[] = named === undefined ? [] : [{ host: named.host, port: named.port, client: target.redis }];
  const [only] = server;
  const standalone = only === undefined || isNode ? undefined : { ...only, member: undefined, isInCluster: false };
  if (clusterOf !== undefined) return { standalone, cluster: clusterOf };
  if (isNode) return { standalone, cluster: (await clusterPlaces(server)) ?? silent(server) };
  return { standalone, cluster: (await isStarted(target)) ? silent(configured) : undefined };
}

/** A server that does not say is taken for what it was named as: a single one. */
async function isInCluster(client: ReadOnlyRedis): Promise<boolean> {
  const info = await client.command('INFO', ['cluster'], z.string()).catch(() => '');
  return parseInfo(info).get('cluster_enabled') === '1';
}

/** As the first node tells it that answers. @returns undefined when none does. */
async function clusterPlaces(asked: readonly Asked[]): Promise<readonly RedisPlace[] | undefined> {
  const views = asked.map(async (node) => ({ node, members: await membersBy(node.client) }));
  const view = await Promise.any(views).catch(() => undefined);
  if (view === undefined) return undefined;
  return view.members
    .filter(({ flags }) => !flags.includes('noaddr') && !flags.includes('handshake'))
    .map((listed) => placeOf(listed, view.node, asked))
    .sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
}

function placeOf(member: ListedMember, teller: Asked, asked: readonly Asked[]): RedisPlace {
  const isTeller = member.flags.includes('myself');
  // A node that has met nobody does not know under which address it is reached.
  const host = member.host === '' ? teller.host : member.host;
  const known = isTeller ? teller : asked.find((other) => other.host === host && other.port === member.port);
  const client = known?.client ?? teller.client.peer({ host, port: member.port });
  return { host, port: member.port, client, member, isInCluster: true };
}

async function membersBy(client: ReadOnlyRedis): Promise<readonly ListedMember[]> {
  return parseMembers(await client.command('CLUSTER', ['NODES'], z.string()));
}

function silent(asked: readonly Asked[]): readonly RedisPlace[] {
  return asked.map((node) => ({ ...node, member: undefined, isInCluster: true }));
}

/** The lab's cluster is started by its first user; whoever named one of their own expects it to run. */
async function isStarted({ endpoints, profile, stack }: Target): Promise<boolean> {
  if ((endpoints.redisCluster ?? []).length === 0) return false;
  if (stack === undefined) return profile !== 'lab';
  return (await stack.status()).some(({ node }) => node.startsWith('redis-cluster'));
}
