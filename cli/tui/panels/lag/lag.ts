import { panel } from '../panel.ts';
import { lagRows, lagSummary } from './rows.ts';

export const lag = panel({
  id: 'lag',
  title: { ko: '컨슈머 지연', en: 'Consumer lag' },
  probeId: 'kafka.group-lag',
  rows: lagRows,
  summary: lagSummary,
  empty: ({ groups }) =>
    groups.length === 0 ? { ko: '지켜볼 컨슈머 그룹이 없습니다', en: 'no consumer group to watch' } : undefined,
});
