import { panel } from '../panel.ts';
import { waitsRows, waitsSummary } from './waits-rows.ts';

export const mysqlWaits = panel({
  id: 'mysql-waits',
  title: { ko: '락 대기', en: 'Lock waits' },
  probeId: 'mysql.waits',
  grows: true,
  rows: waitsRows,
  summary: waitsSummary,
  empty: ({ waits, longTransactions }) =>
    waits.length === 0 && longTransactions.length === 0
      ? {
          ko: '락을 기다리는 세션도, 오래 열린 트랜잭션도 없습니다',
          en: 'nobody waits for a lock, no transaction stays open',
        }
      : undefined,
});
