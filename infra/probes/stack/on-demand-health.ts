import { z } from 'zod';
import { type OnDemandEngine, onDemandEngineOf } from '../../stack/on-demand.ts';
import type { NodeStatus } from '../../stack/stack.ts';
import type { Target } from '../../target.ts';

/** How one node of an engine that somebody started is asked whether it serves. */
export interface OnDemandQuestion {
  readonly engine: OnDemandEngine;
  readonly endpoint: string;
  /** One round trip to that very node. @returns what it says of itself. @throws where it does not serve. */
  ask(): Promise<string>;
}

type Ask = (target: Target, node: NodeStatus, signal: AbortSignal) => Promise<string>;

/** An engine without a line here is shown by `labctl status` alone. */
const asks: Partial<Readonly<Record<OnDemandEngine, Ask>>> = {
  'redis-cluster': clusterState,
  prometheus: readiness,
};

/** @param nodes as the stack tells them: on-demand engines that nobody started are not among them. */
export function onDemandQuestions(
  target: Target,
  nodes: readonly NodeStatus[],
  signal: AbortSignal,
): readonly OnDemandQuestion[] {
  return nodes.flatMap((node): OnDemandQuestion[] => {
    const engine = onDemandEngineOf(node.node);
    const ask = engine === undefined ? undefined : asks[engine];
    if (engine === undefined || ask === undefined) return [];
    return [{ engine, endpoint: `127.0.0.1:${node.port}`, ask: () => ask(target, node, signal) }];
  });
}

/** A node of a cluster that is not ok answers, and serves no key. */
async function clusterState({ redisCluster, endpoints }: Target, { port }: NodeStatus): Promise<string> {
  const redis = redisCluster[endpoints.redisCluster?.findIndex((node) => node.port === port) ?? -1];
  if (redis === undefined) throw new Error('this target has no Redis Cluster');
  const info = await redis.command('CLUSTER', ['INFO'], z.string());
  const state = /cluster_state:(\w+)/.exec(info)?.[1] ?? '?';
  if (state !== 'ok') throw new Error(`cluster_state:${state}`);
  return `cluster_state:${state}`;
}

async function readiness({ endpoints }: Target, _node: NodeStatus, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${endpoints.prometheus}/-/ready`, { signal });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return `HTTP ${response.status}`;
}
