import { panel } from '../panel.ts';
import { workerRows, workerSummary } from './rows.ts';

export const workers = panel({
  id: 'workers',
  title: { ko: '워커', en: 'Workers' },
  probeId: 'workers.health',
  grows: true,
  rows: workerRows,
  summary: workerSummary,
  empty: ({ workers: all }) =>
    all.length === 0
      ? {
          ko: '도는 워커가 없습니다. labctl load 50/s 로 시작합니다',
          en: 'no worker is running; labctl load 50/s starts some',
        }
      : undefined,
});
