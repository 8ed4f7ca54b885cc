import { panel } from '../panel.ts';
import { deadlocksRows, deadlocksSummary } from './deadlocks-rows.ts';

export const mysqlDeadlocks = panel({
  id: 'mysql-deadlocks',
  title: { ko: '데드락', en: 'Deadlocks' },
  probeId: 'mysql.deadlocks',
  grows: true,
  rows: deadlocksRows,
  summary: deadlocksSummary,
  empty: ({ seen, total, detection }) =>
    seen.length === 0 && total.known && total.value === 0n && detection !== 'off'
      ? { ko: '서버가 시작된 뒤 데드락이 없습니다', en: 'no deadlock since the server started' }
      : undefined,
});
