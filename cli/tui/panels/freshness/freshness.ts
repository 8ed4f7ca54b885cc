import { panel } from '../panel.ts';
import { freshnessRows, freshnessSummary } from './rows.ts';

export const freshness = panel({
  id: 'freshness',
  title: { ko: '파이프라인 신선도', en: 'Pipeline freshness' },
  probeId: 'pipeline.freshness',
  grows: true,
  rows: freshnessRows,
  summary: freshnessSummary,
});
