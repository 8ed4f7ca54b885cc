import { panel } from '../panel.ts';
import { redisClusterRows, redisClusterSummary } from './rows.ts';

export const redisCluster = panel({
  id: 'redis-cluster',
  title: { ko: 'Redis Cluster', en: 'Redis Cluster' },
  probeId: 'redis.cluster',
  rows: redisClusterRows,
  summary: redisClusterSummary,
});
