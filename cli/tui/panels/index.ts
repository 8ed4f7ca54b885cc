import { cache } from './cache/cache.ts';
import { dlq } from './dlq/dlq.ts';
import { engines } from './engines/engines.ts';
import { freshness } from './freshness/freshness.ts';
import { hitRatio } from './hit-ratio/hit-ratio.ts';
import { hotKeys } from './hot-keys/hot-keys.ts';
import { lag } from './lag/lag.ts';
import { outbox } from './outbox/outbox.ts';
import type { Panel } from './panel.ts';
import { redisCluster } from './redis-cluster/redis-cluster.ts';
import { redisNodes } from './redis-nodes/redis-nodes.ts';
import { workers } from './workers/workers.ts';

/** Every panel: one line each. Each probe has one; screens choose among them. */
export const panels: readonly Panel[] = [
  engines,
  workers,
  outbox,
  lag,
  freshness,
  dlq,
  cache,
  hitRatio,
  redisNodes,
  redisCluster,
  hotKeys,
];
