import { panel } from '../panel.ts';
import { hitRatioRows, hitRatioSummary } from './rows.ts';

export const hitRatio = panel({
  id: 'hit-ratio',
  title: { ko: '캐시 적중률', en: 'Cache hit ratio' },
  probeId: 'cache.hit-ratio',
  rows: hitRatioRows,
  summary: hitRatioSummary,
});
