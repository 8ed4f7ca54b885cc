import { type Checker, Tally } from './checker.ts';
import { committedEvents, legsByDedupKey } from './committed.ts';

const labels = {
  lost: { ko: '유실된 이벤트', en: 'events lost' },
  lostFromTopic: { ko: '커밋되었으나 토픽에 없음', en: 'committed, absent from the topic' },
  lostFromEffects: { ko: '커밋되었으나 반영되지 않음', en: 'committed, never applied' },
} as const;

/**
 * Lost: committed according to the journal (or, where the outcome is unknown, to the ledger), and missing from the topic
 * or from the effects. What backfill folded into a projection needs no effect of its own.
 */
export const lost: Checker = {
  name: 'lost',
  title: { ko: '유실', en: 'Lost events' },
  labels,
  check(history, state) {
    const tally = new Tally(labels);
    const events = committedEvents(history, state);
    const inTopic = new Set(state.topic.map((record) => record.dedupKey));
    const applied = new Set(state.effects.map((effect) => effect.dedupKey));
    const legs = legsByDedupKey(state.ledger);
    const foldedUpTo = new Map(state.projections.map(({ accountId, foldedSeq }) => [accountId, foldedSeq]));
    for (const { txId, accountId, dedupKey } of events) {
      const sequence = legs.get(dedupKey)?.accountSeq;
      const folded = sequence !== undefined && sequence <= (foldedUpTo.get(accountId) ?? 0n);
      const example = { dedupKey, txId, accountId: String(accountId) };
      const missing = { topic: !inTopic.has(dedupKey), effects: !applied.has(dedupKey) && !folded };
      if (missing.topic || missing.effects) tally.add('lost', example);
      if (missing.topic) tally.add('lostFromTopic', example);
      if (missing.effects) tally.add('lostFromEffects', example);
    }
    return tally.outcome(events.length);
  },
};
