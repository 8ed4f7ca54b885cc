import { panel } from '../panel.ts';
import { dlqRows, dlqSummary } from './rows.ts';

export const dlq = panel({
  id: 'dlq',
  title: { ko: '데드 레터', en: 'Dead letters' },
  probeId: 'dlq.groups',
  grows: true,
  rows: dlqRows,
  summary: dlqSummary,
  empty({ groups, ladder, unindexed }) {
    const retrying = !ladder.known || ladder.value.rungs.length > 0;
    const behind = !unindexed.known || unindexed.value.records.atLeast > 0n || unindexed.value.records.unknown > 0;
    if (groups.length > 0 || retrying || behind) return undefined;
    return {
      ko: '데드 레터가 없고, 재시도를 기다리는 것도 없습니다',
      en: 'no dead letters, and nothing waits for a retry',
    };
  },
});
