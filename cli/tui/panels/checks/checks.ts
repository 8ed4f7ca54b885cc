import { panel } from '../panel.ts';
import { checkRows, checkSummary } from './rows.ts';

export const checks = panel({
  id: 'checks',
  title: { ko: '내 SQL 점검', en: 'Own SQL checks' },
  probeId: 'checks.sql',
  rows: checkRows,
  summary: checkSummary,
});
