import type { Ports } from '../ports.ts';
import type { NodeName } from '../stack.ts';
import { clusterDataDir, clusterNodes } from './containers/stores.ts';

export type ClusterMember = (typeof clusterNodes)[number];
export type ComposeNode = NodeName | ClusterMember;

/** A node is a container, or one server of the six in the cluster's container. */
export type Place =
  | { readonly kind: 'container'; readonly service: string }
  | { readonly kind: 'member'; readonly port: number };

export function placeOf(node: ComposeNode, ports: Ports): Place {
  const member = clusterNodes.find((name) => name === node);
  return member === undefined ? { kind: 'container', service: node } : { kind: 'member', port: ports[member] };
}

export type MemberVerb = 'kill' | 'pause' | 'resume' | 'stop' | 'start' | 'state';

/** `docker compose …` for servers inside the cluster's container: a signal to it would meet all six. */
export function memberCommand(verb: MemberVerb, ports: readonly number[]): readonly string[] {
  const script = ['bash', '/labctl/redis-cluster.sh', verb, clusterDataDir, ...ports.map(String)];
  return ['exec', '-T', 'redis-cluster', ...script];
}
