import { panel } from '../panel.ts';
import { projectionRows, projectionSummary } from './rows.ts';

export const projection = panel({
  id: 'projection',
  title: { ko: '프로젝션 정합성', en: 'Projection checksum' },
  probeId: 'projection.checksum',
  rows: projectionRows,
  summary: projectionSummary,
  empty: ({ accounts }) => (accounts === 0 ? { ko: '계좌 없음', en: 'no accounts' } : undefined),
});
