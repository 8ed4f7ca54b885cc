import { panel } from '../panel.ts';
import { redisNodeRows, redisNodesSummary } from './rows.ts';

export const redisNodes = panel({
  id: 'redis-nodes',
  title: { ko: 'Redis 노드', en: 'Redis nodes' },
  probeId: 'redis.nodes',
  rows: redisNodeRows,
  summary: redisNodesSummary,
});
