import { panel } from '../panel.ts';
import { engineRows, engineSummary } from './rows.ts';

export const engines = panel({
  id: 'engines',
  title: { ko: '엔진', en: 'Engines' },
  probeId: 'stack.health',
  rows: engineRows,
  summary: engineSummary,
  empty: ({ engines: all }) =>
    all.length === 0 ? { ko: '이 대상에는 엔진이 없습니다', en: 'this target has no engines' } : undefined,
});
