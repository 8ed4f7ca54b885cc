import type { FinalState } from '../final-state.ts';
import type { History } from '../history.ts';
import { type Checker, type CheckOutcome, Tally } from './checker.ts';

const labels = {
  acknowledgedNotInLedger: { ko: '성공 응답했으나 원장에 없음', en: 'acknowledged, not in the ledger' },
  refusedYetInLedger: { ko: '실패 응답했으나 원장에 있음', en: 'refused, yet in the ledger' },
  unjournalled: { ko: '저널이 모르는 원장의 이체', en: 'transfers in the ledger that the journal does not know' },
  halfTransfers: { ko: '한쪽만 기록된 이체', en: 'transfers with only one leg' },
} as const;

/**
 * The writer's word against the ledger. `info` may be either; a transfer is always whole. The journal itself must be
 * readable: each death of a worker may cut one line short, more than that and nothing can be judged by it.
 */
export const acknowledged: Checker = {
  name: 'acknowledged',
  title: { ko: '응답과 원장', en: 'Acknowledged and kept' },
  labels,
  check({ transfers, tornLines }, { ledger, incarnations }) {
    const tally = new Tally(labels);
    const legsOf = new Map<string, number>();
    for (const { txId } of ledger) legsOf.set(txId, (legsOf.get(txId) ?? 0) + 1);
    for (const { txId, from, to, outcome } of transfers.values()) {
      const kept = legsOf.has(txId);
      const example = { txId, from: String(from), to: String(to) };
      if (outcome === 'ok' && !kept) tally.add('acknowledgedNotInLedger', example);
      if (outcome === 'fail' && kept) tally.add('refusedYetInLedger', example);
    }
    for (const [txId, legs] of legsOf) {
      if (!transfers.has(txId)) tally.add('unjournalled', { txId, legs });
      if (legs !== 2) tally.add('halfTransfers', { txId, legs });
    }
    return judgedBy(tally.outcome(transfers.size), { tornLines, incarnations });
  },
};

function judgedBy(
  outcome: CheckOutcome,
  { tornLines, incarnations }: Pick<History, 'tornLines'> & Pick<FinalState, 'incarnations'>,
): CheckOutcome {
  const deaths = Object.values(incarnations).reduce((total, count) => total + count - 1, 0);
  if (outcome.verdict !== 'pass' || tornLines <= deaths) return outcome;
  return { ...outcome, verdict: 'unknown', reason: `${tornLines} journal lines are damaged, ${deaths} workers died` };
}
