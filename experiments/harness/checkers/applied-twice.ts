import { type Checker, Tally } from './checker.ts';
import { legsByDedupKey } from './committed.ts';

const labels = {
  appliedTwice: { ko: '두 번 이상 반영된 dedup_key', en: 'dedup_keys applied more than once' },
  appliedWithoutLedger: { ko: '원장에 없는 이벤트의 반영', en: 'effects of events that no ledger leg explains' },
} as const;

/** Counted in applied_effect, the projector's journal without a unique key: a doubled effect is two rows there. */
export const appliedTwice: Checker = {
  name: 'applied-twice',
  title: { ko: '중복 반영', en: 'Applied twice' },
  labels,
  check(_, { effects, ledger }) {
    const tally = new Tally(labels);
    const times = new Map<string, number>();
    for (const { dedupKey } of effects) times.set(dedupKey, (times.get(dedupKey) ?? 0) + 1);
    const legs = legsByDedupKey(ledger);
    for (const [dedupKey, count] of times) {
      if (count > 1) tally.add('appliedTwice', { dedupKey, times: count });
      if (!legs.has(dedupKey)) tally.add('appliedWithoutLedger', { dedupKey });
    }
    return tally.outcome(effects.length);
  },
};
