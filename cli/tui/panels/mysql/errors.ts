import { panel } from '../panel.ts';
import { errorsRows, errorsSummary } from './errors-rows.ts';

export const mysqlErrors = panel({
  id: 'mysql-errors',
  title: { ko: '락 오류', en: 'Lock errors' },
  probeId: 'mysql.errors',
  grows: true,
  rows: errorsRows,
  summary: errorsSummary,
});
