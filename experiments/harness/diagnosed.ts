import { dedupKeyOf } from '../../infra/contract/dedup-key.ts';
import { findingsMax } from '../../infra/diagnoses/diagnosis.ts';
import type { Text } from '../../infra/text.ts';
import { byAccount } from './checkers/committed.ts';
import type { FinalState } from './final-state.ts';
import type { CheckVerdict } from './verdict.ts';

/** A diagnosis that an arm compares with what is really so; the next one is one more of these. */
export interface DiagnosisComparison {
  readonly diagnosis: string;
  readonly title: Text;
  /** Pure: exactly what the diagnosis must name, told from the recorded rows by other code than its own. */
  truth(state: FinalState): ReadonlySet<string>;
  /** The counts that say how many it found, where more was found than is listed. */
  readonly counts: readonly string[];
  /** What stands in a finding's key before what it names; absent: its kind and a dot. */
  readonly keyPrefix?: string;
}

export interface ComparedDiagnosis {
  readonly diagnosis: string;
  readonly title: Text;
  readonly verdict: CheckVerdict;
  readonly found: number;
  readonly truth: number;
  readonly reason?: string;
}

const duplicatesCompared: DiagnosisComparison = {
  diagnosis: 'duplicates',
  title: { ko: '중복 반영', en: 'applied twice' },
  counts: ['doubled', 'overcounted'],
  truth({ effects, projections }) {
    const folded = new Map(projections.map(({ accountId, foldedSeq }) => [accountId, foldedSeq]));
    const counted = effects.filter(({ accountId, accountSeq }) => accountSeq > (folded.get(accountId) ?? 0n));
    const byKey = Map.groupBy(counted, ({ dedupKey }) => dedupKey);
    return new Set([...byKey].flatMap(([dedupKey, copies]) => (copies.length > 1 ? [dedupKey] : [])));
  },
};

const lossCompared: DiagnosisComparison = {
  diagnosis: 'loss',
  title: { ko: '유실', en: 'lost' },
  counts: ['lost'],
  keyPrefix: 'lost.',
  truth({ ledger, outbox, effects, projections, incarnations }) {
    // What nobody consumed waits in the topic.
    if (!Object.keys(incarnations).some((name) => name.startsWith('balance-projector'))) return new Set();
    const folded = new Map(projections.map(({ accountId, foldedSeq }) => [accountId, foldedSeq]));
    const unsent = new Set(outbox.flatMap(({ dedupKey, status }) => (status === 'SENT' ? [] : [dedupKey])));
    const applied = new Set(effects.map(({ dedupKey }) => dedupKey));
    return new Set(
      ledger.flatMap(({ txId, accountId, accountSeq }) => {
        const dedupKey = dedupKeyOf(txId, accountId);
        const isThere = applied.has(dedupKey) || unsent.has(dedupKey) || accountSeq <= (folded.get(accountId) ?? 0n);
        return isThere ? [] : [dedupKey];
      }),
    );
  },
};

const projectionCompared: DiagnosisComparison = {
  diagnosis: 'projection',
  title: { ko: '프로젝션 정합성', en: 'projection against ledger' },
  counts: ['doubled', 'missing', 'drifted', 'ahead', 'orphan', 'accountDrift'],
  truth({ accounts, ledger, projections }) {
    const legs = byAccount(ledger);
    const projectionOf = new Map(projections.map((row) => [row.accountId, row]));
    const known = new Set(accounts.map(({ accountId }) => accountId));
    const wrong = new Set(projections.flatMap(({ accountId }) => (known.has(accountId) ? [] : [String(accountId)])));
    for (const { accountId, balance, accountSeq } of accounts) {
      const sum = (legs.get(accountId) ?? []).reduce((total, { delta }) => total + delta, 0n);
      const row = projectionOf.get(accountId) ?? { balance: 0n, version: 0n, appliedCount: 0n };
      const complete = row.version === accountSeq && row.appliedCount === row.version;
      if (balance !== sum || row.balance !== sum || !complete) wrong.add(String(accountId));
    }
    return wrong;
  },
};

/** For arms whose events all end applied: nothing dead, nothing skipped. */
export const pipelineDiagnoses: readonly DiagnosisComparison[] = [duplicatesCompared, lossCompared, projectionCompared];

/** Pure. An arm that did not come to rest has work under way, which is no finding and no truth either: unknown. */
export function compareDiagnosis(comparison: DiagnosisComparison, state: FinalState): ComparedDiagnosis {
  const { diagnosis, title, counts, keyPrefix } = comparison;
  const truth = comparison.truth(state);
  const answer = state.diagnosed.find((one) => one.diagnosis === diagnosis);
  if (answer === undefined || answer.status === 'unknown' || !state.settled) {
    const reason = !state.settled ? 'the pipeline did not come to rest' : (answer?.reason ?? 'it gave no answer');
    return { diagnosis, title, verdict: 'unknown', found: 0, truth: truth.size, reason };
  }
  const named = new Set(answer.findings.map(({ key, kind }) => key.slice((keyPrefix ?? `${kind}.`).length)));
  const counted = counts.reduce((sum, name) => sum + (answer.counts[name] ?? 0), 0);
  const found = answer.findings.length < findingsMax ? named.size : counted;
  const wrong = found === truth.size ? [...named].find((name) => !truth.has(name)) : undefined;
  const agrees = found === truth.size && wrong === undefined;
  const example = wrong ?? [...truth].find((name) => !named.has(name)) ?? [...named].find((name) => !truth.has(name));
  return {
    diagnosis,
    title,
    verdict: agrees ? 'pass' : 'fail',
    found,
    truth: truth.size,
    ...(agrees ? {} : { reason: `it found ${found}, the recorded rows hold ${truth.size}; such as ${example}` }),
  };
}
