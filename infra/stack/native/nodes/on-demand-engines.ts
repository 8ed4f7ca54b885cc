import type { OnDemandEngine } from '../../on-demand.ts';
import { mysqlProxy } from './mysql-proxy-node.ts';
import type { NativeOnDemand } from './native-on-demand.ts';
import { prometheus } from './prometheus-node.ts';
import { redisCluster } from './redis-cluster-nodes.ts';

/** How the native stack runs each engine that its first user starts. */
export const onDemandNatives: Readonly<Record<OnDemandEngine, NativeOnDemand>> = {
  'redis-cluster': redisCluster,
  prometheus,
  'mysql-proxy': mysqlProxy,
};
