import { panel } from '../panel.ts';
import { rebalanceLines, rebalanceSummary } from './rows.ts';

export const rebalances = panel({
  id: 'rebalances',
  title: { ko: '리밸런스', en: 'Rebalances' },
  probeId: 'kafka.rebalances',
  rows: rebalanceLines,
  summary: rebalanceSummary,
  grows: true,
  empty: ({ groups }) =>
    groups.length === 0 ? { ko: '컨슈머 그룹이 없습니다', en: 'there is no consumer group' } : undefined,
});
