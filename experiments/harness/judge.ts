import { decodeCacheValue } from '../../infra/contract/cache-entry.ts';
import { messageOf } from '../../infra/errors.ts';
import type { Text } from '../../infra/text.ts';
import { checkSafely } from './checkers/checker.ts';
import type { Arm, ArmPlan } from './define.ts';
import type { ArmDetail } from './detail.ts';
import { type ComparedDiagnosis, compareDiagnosis } from './diagnosed.ts';
import type { FinalState } from './final-state.ts';
import type { History } from './history.ts';
import { latenciesOf } from './latency.ts';
import { type ArmRecord, type RunFolder, readArmHistory, readArmRecord, readFinalState } from './run-folder.ts';
import { judgeArmFacts } from './verdict.ts';
import { witness } from './witnesses.ts';

/**
 * Judges one arm from what it left on disk: the running experiment, and `exp assert` long after it, take this same way.
 */
export async function judgeArm(folder: RunFolder, arm: Arm, plan: ArmPlan): Promise<ArmDetail> {
  const record = await readArmRecord(folder, arm.name);
  if (record === undefined) return unjudged(arm, undefined, 'the arm never ran');
  if (record.outcome !== 'recorded') return unjudged(arm, record, reasonOf(record));
  try {
    const state = await readFinalState(folder, arm.name);
    const history = await readArmHistory(folder, arm.name);
    return judgeRecord({ arm, plan, record, history, state });
  } catch (error) {
    return unjudged(arm, record, messageOf(error));
  }
}

function reasonOf({ outcome, reason }: ArmRecord): string {
  return reason === undefined || outcome === 'interrupted' ? outcome : `${outcome}: ${reason}`;
}

function unjudged({ name, title, expects }: Arm, record: ArmRecord | undefined, reason: string): ArmDetail {
  return {
    title,
    result: { name, expects, verdict: 'unknown', counts: {}, witnesses: {} },
    reasons: [reason],
    checks: [],
    witnesses: [],
    diagnosed: [],
    gate: record?.gate ?? [],
    durationMs: record?.durationMs ?? 0,
  };
}

/** How much there was to judge; shown beside the counts that must be 0. */
export const sizeLabels = {
  transfersCommitted: { ko: '커밋된 이체', en: 'transfers committed' },
  transfersRefused: { ko: '거절된 이체', en: 'transfers refused' },
  transfersUnknown: { ko: '결과를 알 수 없는 이체', en: 'transfers of unknown outcome' },
  topicRecords: { ko: '토픽 레코드', en: 'records in the topic' },
  effects: { ko: '반영된 효과', en: 'effects applied' },
  cacheEntries: { ko: '캐시 항목', en: 'cache entries' },
} as const satisfies Record<string, Text>;

function sizesOf(
  { transfers }: History,
  { topic, effects, cache }: FinalState,
): Record<keyof typeof sizeLabels, number> {
  const outcomes = { ok: 0, fail: 0, info: 0 };
  for (const { outcome } of transfers.values()) outcomes[outcome] += 1;
  return {
    transfersCommitted: outcomes.ok,
    transfersRefused: outcomes.fail,
    transfersUnknown: outcomes.info,
    topicRecords: topic.length,
    effects: effects.length,
    cacheEntries: cache.filter(({ text }) => decodeCacheValue(text)?.kind === 'entry').length,
  };
}

export interface JudgedRecord {
  readonly arm: Arm;
  readonly plan: ArmPlan;
  readonly record: ArmRecord;
  readonly history: History;
  readonly state: FinalState;
}

/** Pure. */
export function judgeRecord({ arm, plan, record, history, state }: JudgedRecord): ArmDetail {
  const checks = arm.checkers.map((checker) => ({
    name: checker.name,
    title: checker.title,
    labels: checker.labels,
    ...checkSafely(checker, history, state),
  }));
  const witnesses = arm.witnesses.map((wanted) => witness(wanted, { history, state, plan }));
  const diagnosed = (arm.diagnoses ?? []).map((comparison) => compareDiagnosis(comparison, state));
  const anomalies = new Set(arm.anomalies);
  const verdict = judgeArmFacts({
    expects: arm.expects,
    anomalies: checks.filter(({ name }) => anomalies.has(name)).map((check) => check.verdict),
    guards: [...checks.filter(({ name }) => !anomalies.has(name)), ...diagnosed].map(({ verdict: one }) => one),
    witnessed: state.settled && witnesses.every(({ met }) => met),
  });
  const latencyMs = arm.measuresLatency === true ? latenciesOf(history) : undefined;
  const reasons = [
    ...(state.settled ? [] : ['the pipeline did not come to rest']),
    ...checks.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`])),
    ...diagnosed.flatMap(({ diagnosis, reason }) => (reason === undefined ? [] : [`diagnose ${diagnosis}: ${reason}`])),
    ...witnesses.flatMap(({ name, needs, seen, met }) =>
      met ? [] : [`${name}: needs ${needs}, saw ${rounded(seen) ?? 'nothing'}`],
    ),
  ];
  return {
    title: arm.title,
    result: {
      name: arm.name,
      expects: arm.expects,
      verdict,
      counts: Object.assign(sizesOf(history, state), ...checks.map(({ counts }) => counts)),
      witnesses: Object.fromEntries(witnesses.map(({ name, seen }) => [name, rounded(seen)])),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(diagnosed.length === 0 ? {} : { diagnosed: diagnosedResult(diagnosed) }),
    },
    reasons,
    checks,
    witnesses: witnesses.map(({ seen, ...rest }) => ({ ...rest, seen: rounded(seen) })),
    diagnosed,
    gate: record.gate,
    durationMs: record.durationMs,
  };
}

function diagnosedResult(diagnosed: readonly ComparedDiagnosis[]): NonNullable<ArmDetail['result']['diagnosed']> {
  const diagnoses = diagnosed.map(
    ({ diagnosis, verdict, found, truth }) => [diagnosis, { verdict, found, truth }] as const,
  );
  return { agrees: diagnosed.every(({ verdict }) => verdict === 'pass'), diagnoses: Object.fromEntries(diagnoses) };
}

function rounded(seen: number | null): number | null {
  return seen === null ? null : Math.round(seen * 100) / 100;
}
