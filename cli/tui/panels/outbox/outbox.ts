import { panel } from '../panel.ts';
import { outboxRows, outboxSummary } from './rows.ts';

export const outbox = panel({
  id: 'outbox',
  title: { ko: '아웃박스 적체', en: 'Outbox backlog' },
  probeId: 'outbox.backlog',
  rows: outboxRows,
  summary: outboxSummary,
});
