import { panel } from '../panel.ts';
import { loadRows, loadSummary } from './load-rows.ts';

export const mysqlLoad = panel({
  id: 'mysql-load',
  title: { ko: 'MySQL 부하', en: 'MySQL load' },
  probeId: 'mysql.load',
  grows: true,
  rows: loadRows,
  summary: loadSummary,
});
