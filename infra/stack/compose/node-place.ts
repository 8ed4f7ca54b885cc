import { RefusedError } from '../../errors.ts';
import { nodesOfEngine, type OnDemandEngine, type OnDemandNode } from '../on-demand.ts';
import type { Ports } from '../ports.ts';
import type { NodeName } from '../stack.ts';
import { clusterDataDir } from './containers/stores.ts';

/** The servers of the Redis Cluster, in the order of their ports. */
export const clusterMembers: readonly OnDemandNode[] = nodesOfEngine('redis-cluster');

/** A node is a container, or one server of the six in the cluster's container. */
export type Place =
  | { readonly kind: 'container'; readonly service: string }
  | { readonly kind: 'member'; readonly port: number };

/** @throws RefusedError for a node that no container runs. */
export function placeOf(node: NodeName, ports: Ports): Place {
  if (node === 'mysql-proxy') throw nativeOnly(node);
  const member = clusterMembers.find((name) => name === node);
  return member === undefined ? { kind: 'container', service: node } : { kind: 'member', port: ports[member] };
}

/** The service whose container a node lives in. */
export function serviceOf(node: NodeName): string {
  return clusterMembers.some((name) => name === node) ? 'redis-cluster' : node;
}

/** Engines that docker-compose.yml has a service for. */
export function isService(engine: OnDemandEngine): engine is Exclude<OnDemandEngine, 'mysql-proxy'> {
  return engine !== 'mysql-proxy';
}

export function nativeOnly(engine: string): RefusedError {
  return new RefusedError(
    { ko: `compose 드라이버에는 ${engine}이(가) 없습니다`, en: `the compose driver has no ${engine}` },
    { tryThis: ['labctl down -v', 'labctl up --driver native'] },
  );
}

export type MemberVerb = 'kill' | 'pause' | 'resume' | 'stop' | 'start' | 'state';

/** `docker compose …` for servers inside the cluster's container: a signal to it would meet all six. */
export function memberCommand(verb: MemberVerb, ports: readonly number[]): readonly string[] {
  const script = ['bash', '/labctl/redis-cluster.sh', verb, clusterDataDir, ...ports.map(String)];
  return ['exec', '-T', 'redis-cluster', ...script];
}
