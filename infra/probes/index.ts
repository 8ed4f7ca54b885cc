import type { Target } from '../target.ts';
import { cacheHitRatio } from './cache/hit-ratio.ts';
import { cacheStaleness } from './cache/staleness.ts';
import { dlqGroups } from './dlq/groups.ts';
import { kafkaCluster } from './kafka/cluster.ts';
import { kafkaConsumerConfig } from './kafka/consumer-config.ts';
import { kafkaGroupLag } from './kafka/group-lag.ts';
import { kafkaIsr } from './kafka/isr.ts';
import { kafkaOffsets } from './kafka/offsets.ts';
import { kafkaRebalances } from './kafka/rebalances.ts';
import { kafkaTransactions } from './kafka/transactions.ts';
import { mysqlDeadlocks } from './mysql/deadlocks.ts';
import { mysqlErrors } from './mysql/errors.ts';
import { mysqlLoad } from './mysql/load.ts';
import { mysqlWaits } from './mysql/waits.ts';
import { pipelineCounts } from './pipeline/counts.ts';
import { pipelineFreshness } from './pipeline/freshness.ts';
import { outboxBacklog } from './pipeline/outbox-backlog.ts';
import type { Probe } from './probe.ts';
import { projectionChecksum } from './projection/checksum.ts';
import { redisCluster } from './redis/cluster.ts';
import { redisHotKeys } from './redis/hot-keys.ts';
import { redisNodes } from './redis/nodes.ts';
import { checkProbe, sqlChecks } from './sql-checks.ts';
import { stackHealth } from './stack/health.ts';
import { workersHealth } from './stack/workers-health.ts';

/** Every probe by its id: one line each. Importing it loads no engine client. */
export const probesById = {
  'stack.health': stackHealth,
  'workers.health': workersHealth,
  'outbox.backlog': outboxBacklog,
  'kafka.cluster': kafkaCluster,
  'kafka.isr': kafkaIsr,
  'kafka.offsets': kafkaOffsets,
  'kafka.transactions': kafkaTransactions,
  'kafka.group-lag': kafkaGroupLag,
  'kafka.rebalances': kafkaRebalances,
  'kafka.consumer-config': kafkaConsumerConfig,
  'pipeline.freshness': pipelineFreshness,
  'dlq.groups': dlqGroups,
  'checks.sql': sqlChecks,
  'mysql.waits': mysqlWaits,
  'mysql.deadlocks': mysqlDeadlocks,
  'mysql.errors': mysqlErrors,
  'mysql.load': mysqlLoad,
  'redis.nodes': redisNodes,
  'redis.cluster': redisCluster,
  'projection.checksum': projectionChecksum,
  'pipeline.counts': pipelineCounts,
  'cache.staleness': cacheStaleness,
  'cache.hit-ratio': cacheHitRatio,
  'redis.hot-keys': redisHotKeys,
};

export type ProbeId = keyof typeof probesById;
/** The type of a probe's value, by its id. */
export type ProbeValue<Id extends ProbeId> = (typeof probesById)[Id] extends Probe<infer Value> ? Value : never;

export const probes: readonly Probe<unknown>[] = Object.values(probesById);

/** What can be read of a target by name: every probe, and each of its own checks as `check.<id>`. */
export function probesOf({ checks }: Pick<Target, 'checks'>): readonly Probe<unknown>[] {
  return [...probes, ...checks.map((check) => checkProbe(check))];
}
