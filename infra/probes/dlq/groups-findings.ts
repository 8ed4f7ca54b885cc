import type { Finding } from '../probe.ts';
import type { DlqGroups } from './groups.ts';
import type { RetryLadder } from './retry-ladder.ts';
import type { Unindexed } from './unindexed.ts';

/** Longer than the indexer needs for a rebalance or a restart. */
const stillWarningMs = 15_000;

/**
 * Dead letters that lie there are the operator's known work; that more of them come is news. What the ladder retries in
 * time is no finding at all.
 */
export function dlqFindings(value: DlqGroups): readonly Finding[] {
  return [
    ...arrivals(value),
    ...(value.ladder.known ? overdueFindings(value.ladder.value) : []),
    ...(value.unindexed.known ? unindexedFindings(value.unindexed.value) : []),
  ];
}

function arrivals({ lastMinute, groups }: DlqGroups): readonly Finding[] {
  if (lastMinute === 0) return [];
  const arriving = groups.filter(({ perMinute }) => perMinute.now > 0);
  const most = arriving[0];
  if (most === undefined) return [];
  const perSecond = rateText(lastMinute / 60);
  const kinds = arriving.length;
  const name = `${most.class} ${most.exception}`;
  return [
    {
      key: 'dlq.arriving',
      severity: 'warning',
      text: {
        ko: `최근 1분에 새 데드 레터 ${lastMinute}건(초당 ${perSecond}), 원인 ${kinds}가지, 가장 많은 것: ${name}`,
        en: `${lastMinute} new dead letters in the last minute (${perSecond}/s) of ${kinds} ${kinds === 1 ? 'kind' : 'kinds'}, most of them ${name}`,
      },
    },
  ];
}

const rateText = (rate: number): string => (rate < 9.95 ? rate.toFixed(rate < 0.1 ? 2 : 1) : rate.toFixed(0));

function overdueFindings({ rungs, exact }: RetryLadder): readonly Finding[] {
  return rungs.flatMap(({ rung, overdue, oldestDueMs }): Finding[] => {
    if (overdue === 0) return [];
    const seconds = oldestDueMs?.known === true ? Math.round(oldestDueMs.value / 1000) : undefined;
    const least = exact ? { ko: '', en: '' } : { ko: '최소 ', en: 'at least ' };
    const en =
      overdue === 1
        ? `1 retry on ${rung} is past its due time`
        : `${overdue} retries on ${rung} are past their due time`;
    return [
      {
        key: `dlq.overdue.${rung.replaceAll('.', '-')}`,
        severity: 'warning',
        text: {
          ko: `${rung} 단계에서 재시도 ${least.ko}${overdue}건이 기한을 넘김${seconds === undefined ? '' : ` (가장 오래된 것 ${seconds}초)`}`,
          en: `${least.en}${en}${seconds === undefined ? '' : overdue === 1 ? ` by ${seconds} s` : `, the oldest by ${seconds} s`}`,
        },
      },
    ];
  });
}

function unindexedFindings({ records, stillMs, topic }: Unindexed): readonly Finding[] {
  if (records.atLeast === 0n || stillMs < stillWarningMs) return [];
  const seconds = Math.round(stillMs / 1000);
  const least = records.unknown === 0 ? { ko: '', en: '' } : { ko: '최소 ', en: 'at least ' };
  return [
    {
      key: 'dlq.unindexed',
      severity: 'warning',
      text: {
        ko: `${topic}의 레코드 ${least.ko}${records.atLeast}건이 색인되지 않았고 ${seconds}초째 진행이 없음 (dlq-indexer)`,
        en: `${least.en}${records.atLeast} records of ${topic} are not indexed, and for ${seconds} s none was (dlq-indexer)`,
      },
    },
  ];
}
