import { cacheHitRatio } from './cache-hit-ratio.ts';
import { cacheStaleness } from './cache-staleness.ts';
import { dlqGroups } from './dlq-groups.ts';
import { kafkaGroupLag } from './kafka-group-lag.ts';
import { outboxBacklog } from './outbox-backlog.ts';
import { pipelineFreshness } from './pipeline-freshness.ts';
import type { Probe } from './probe.ts';
import { redisCluster } from './redis-cluster.ts';
import { redisHotKeys } from './redis-hot-keys.ts';
import { redisNodes } from './redis-nodes.ts';
import { stackHealth } from './stack-health.ts';
import { workersHealth } from './workers-health.ts';

/** Every probe by its id: one line each. Importing it loads no engine client. */
export const probesById = {
  'stack.health': stackHealth,
  'workers.health': workersHealth,
  'outbox.backlog': outboxBacklog,
  'kafka.group-lag': kafkaGroupLag,
  'pipeline.freshness': pipelineFreshness,
  'dlq.groups': dlqGroups,
  'cache.staleness': cacheStaleness,
  'cache.hit-ratio': cacheHitRatio,
  'redis.nodes': redisNodes,
  'redis.cluster': redisCluster,
  'redis.hot-keys': redisHotKeys,
};

export type ProbeId = keyof typeof probesById;
/** The type of a probe's value, by its id. */
export type ProbeValue<Id extends ProbeId> = (typeof probesById)[Id] extends Probe<infer Value> ? Value : never;

export const probes: readonly Probe<unknown>[] = Object.values(probesById);
