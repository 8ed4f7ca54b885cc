import { panel } from '../panel.ts';
import { countsRows, countsSummary } from './rows.ts';

export const counts = panel({
  id: 'counts',
  title: { ko: '이벤트 수 대조', en: 'Event counts' },
  probeId: 'pipeline.counts',
  grows: true,
  rows: countsRows,
  summary: countsSummary,
  empty: ({ ledger, outbox, processed, effects }) => {
    const events = [
      ledger.known ? ledger.value : 0n,
      outbox.known ? outbox.value.pending + outbox.value.sent + outbox.value.dead + outbox.value.skipped : 0n,
      processed.known ? processed.value.applied + processed.value.folded : 0n,
      effects.known ? effects.value : 0n,
    ];
    const isWhole = ledger.known && outbox.known && processed.known && effects.known;
    return isWhole && events.every((number) => number === 0n)
      ? { ko: '아직 이벤트가 없습니다', en: 'no events yet' }
      : undefined;
  },
});
