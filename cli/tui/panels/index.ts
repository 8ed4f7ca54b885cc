import { cache } from './cache/cache.ts';
import { checks } from './checks/checks.ts';
import { cluster } from './cluster/cluster.ts';
import { consumerConfig } from './consumer-config/consumer-config.ts';
import { counts } from './counts/counts.ts';
import { dlq } from './dlq/dlq.ts';
import { engines } from './engines/engines.ts';
import { freshness } from './freshness/freshness.ts';
import { hitRatio } from './hit-ratio/hit-ratio.ts';
import { hotKeys } from './hot-keys/hot-keys.ts';
import { isr } from './isr/isr.ts';
import { lag } from './lag/lag.ts';
import { mysqlDeadlocks } from './mysql/deadlocks.ts';
import { mysqlErrors } from './mysql/errors.ts';
import { mysqlLoad } from './mysql/load.ts';
import { mysqlWaits } from './mysql/waits.ts';
import { offsets } from './offsets/offsets.ts';
import { outbox } from './outbox/outbox.ts';
import type { Panel } from './panel.ts';
import { projection } from './projection/projection.ts';
import { rebalances } from './rebalances/rebalances.ts';
import { redisCluster } from './redis-cluster/redis-cluster.ts';
import { redisNodes } from './redis-nodes/redis-nodes.ts';
import { transactions } from './transactions/transactions.ts';
import { workers } from './workers/workers.ts';

/** Every panel: one line each. Each probe has one; screens choose among them. */
export const panels: readonly Panel[] = [
  engines,
  workers,
  outbox,
  lag,
  freshness,
  dlq,
  checks,
  mysqlWaits,
  mysqlDeadlocks,
  mysqlErrors,
  mysqlLoad,
  redisNodes,
  redisCluster,
  projection,
  cluster,
  isr,
  offsets,
  transactions,
  rebalances,
  counts,
  cache,
  hitRatio,
  hotKeys,
  consumerConfig,
];
