import { type Checker, Tally } from './checker.ts';
import { legsByDedupKey } from './committed.ts';

const labels = {
  unsent: { ko: '끝까지 SENT가 되지 않은 outbox 행', en: 'outbox rows that never became SENT' },
  withoutOutboxRow: { ko: 'outbox 행이 없는 원장 항목', en: 'ledger legs without an outbox row' },
  sentElsewhere: {
    ko: 'SENT로 표시되었으나 그 오프셋에 없는 행',
    en: 'rows marked SENT whose offset does not hold their event',
  },
} as const;

/** The outbox at the end: every ledger leg has its row, every row is SENT, and is where it says it was sent to. */
export const unsent: Checker = {
  name: 'unsent',
  title: { ko: '미전송', en: 'Unsent' },
  labels,
  check(_, { outbox, ledger, topic }) {
    const tally = new Tally(labels);
    const at = new Map(topic.map(({ partition, offset, dedupKey }) => [`${partition}/${offset}`, dedupKey]));
    const rows = new Set<string>();
    for (const { dedupKey, status, sentPartition, sentOffset } of outbox) {
      rows.add(dedupKey);
      if (status !== 'SENT') {
        tally.add('unsent', { dedupKey, status });
        continue;
      }
      const place = `${sentPartition}/${sentOffset}`;
      const found = at.get(place);
      if (found !== dedupKey) tally.add('sentElsewhere', { dedupKey, place, holds: found ?? 'nothing' });
    }
    for (const dedupKey of legsByDedupKey(ledger).keys()) {
      if (!rows.has(dedupKey)) tally.add('withoutOutboxRow', { dedupKey });
    }
    return tally.outcome(outbox.length);
  },
};
