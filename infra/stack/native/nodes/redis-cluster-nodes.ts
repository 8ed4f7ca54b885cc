import { mkdirSync } from 'node:fs';
import type { ClusterPlace } from '../../../redis/cluster/cluster-plan.ts';
import { formCluster } from '../../../redis/cluster/form-cluster.ts';
import { redisAnswers } from '../../answers.ts';
import { nodesOfEngine, type OnDemandNode } from '../../on-demand.ts';
import type { Ports } from '../../ports.ts';
import { redisClusterFlags } from '../../settings/redis.ts';
import type { ServerEngine } from '../fetch/engines.ts';
import type { NativeNode } from './native-node.ts';
import type { NativeOnDemand, OnDemandContext } from './native-on-demand.ts';
import { redisServer } from './redis-node.ts';

/**
 * Three masters with a replica each. Only who is who is kept on disk (nodes.conf), so that a node that was killed rejoins:
 * a master that is back before its replica was elected is empty, and its replica copies that.
 */
export const redisCluster: NativeOnDemand = {
  memoryMb: 30,
  graceMs: 10_000,
  async nodes(context) {
    const redis = await context.server('redis');
    return names.map((name) => clusterNode(name, redis, context));
  },
  async assemble({ ports }, { signal, note }) {
    await formCluster(clusterPlaces(ports), { signal, onReset: () => note(clusterEmptied) });
    note(whole);
  },
};

type ClusterNode = Extract<OnDemandNode, `redis-cluster-${number}`>;

const names = nodesOfEngine('redis-cluster') as readonly ClusterNode[];

const whole = {
  ko: 'Redis Cluster 정상: 16384개 슬롯 모두 제공, 복제본 모두 연결됨',
  en: 'the Redis Cluster is whole: all 16384 slots are served, every replica is in step',
};
export const clusterEmptied = {
  ko: 'Redis Cluster의 노드들이 다시 하나가 되지 못해, 비우고 새로 만듭니다',
  en: 'the nodes of the Redis Cluster do not become one again: emptying them and making it anew',
};

export function clusterPlaces(ports: Ports): readonly ClusterPlace[] {
  return names.map((name) => placeOf(name, ports));
}

function placeOf(name: ClusterNode, ports: Ports): ClusterPlace {
  return { host: '127.0.0.1', port: ports[name], busPort: ports[`${name}-bus` as const] };
}

function clusterNode(name: ClusterNode, redis: ServerEngine, { layout, ports }: OnDemandContext): NativeNode {
  const dataDir = layout.dataDir(name);
  const { host, port, busPort } = placeOf(name, ports);
  return {
    name,
    engine: 'redis',
    version: redis.version,
    async prepare() {
      mkdirSync(dataDir, { recursive: true });
    },
    launch: redisServer(redis, {
      port,
      dataDir,
      logFile: layout.logFile(name),
      cwd: layout.stackDir,
      more: [
        ...redisClusterFlags,
        // Before 7.0 there is no such setting, and the bus port is always this one: the client port + 10000.
        ...(Number.parseInt(redis.version, 10) >= 7 ? ['--cluster-port', String(busPort)] : []),
      ],
    }),
    answers: () => redisAnswers({ host, port }),
    readyTimeoutMs: 30_000,
  };
}
