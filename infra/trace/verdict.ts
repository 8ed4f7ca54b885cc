import type { Evidence } from '../diagnoses/loss/evidence.ts';
import type { LossKind, Verdict } from '../diagnoses/loss/judge.ts';
import type { Text } from '../text.ts';
import type { Stage, StageName, StageRow } from './stages.ts';

export interface TraceEnd {
  /** complete: it took effect, once. inFlight: on its way as it should be. stopped: somewhere it should not. */
  readonly is: 'complete' | 'inFlight' | 'stopped' | 'unknown';
  /** The last place that it reached. */
  readonly at: StageName;
  /** One sentence: `stops at … because …`, or `complete`. */
  readonly text: Text;
}

/** A row that waits longer than this in the outbox is not on its way. */
const outboxWaitMs = 10_000;

const lostBecause: Readonly<Record<LossKind, { readonly at: StageName; readonly text: Text }>> = {
  notProduced: {
    at: 'ledger',
    text: {
      ko: '원장에서 멈춤: 아웃박스에도 토픽에도 없음',
      en: 'stops at the ledger, because neither the outbox nor the topic has it',
    },
  },
  truncated: {
    at: 'outbox',
    text: {
      ko: '아웃박스에서 멈춤: SENT이지만 토픽의 그 오프셋에 이 이벤트가 없음',
      en: 'stops at the outbox, because it is SENT and its offset in the topic does not hold it: cut off in the broker',
    },
  },
  removed: {
    at: 'outbox',
    text: {
      ko: '아웃박스에서 멈춤: 토픽의 그 오프셋에 레코드가 없음 (컴팩션 또는 중단된 트랜잭션)',
      en: 'stops at the outbox, because its offset holds no record: compacted away, or its transaction aborted',
    },
  },
  consumer: {
    at: 'record',
    text: {
      ko: '토픽에서 멈춤: 컨슈머 그룹이 지나갔으나 반영하지 않음',
      en: 'stops at the topic, because the consumer group has passed it without applying it',
    },
  },
  lost: {
    at: 'outbox',
    text: {
      ko: '반영되지 않음: 같은 계좌의 이후 이벤트는 반영됨. 어디서 유실됐는지는 볼 수 없음',
      en: 'stops somewhere, because later events of its account are applied; where it was lost cannot be seen',
    },
  },
};

/** Pure: where the event is, in words. */
export function endOf(
  verdict: Verdict,
  stages: readonly Stage[],
  evidence: Evidence | undefined,
  ageMs: number | undefined,
): TraceEnd {
  switch (verdict.is) {
    case 'applied':
      return appliedEnd(stages);
    case 'inRetry':
      return retryEnd(stages);
    case 'dead':
      return deadEnd(stages);
    case 'skipped':
      return skippedEnd(stages);
    case 'expired':
      return stopped('record', {
        ko: '토픽에서 멈춤: 반영되기 전에 보존 기간이 지나 지워짐',
        en: 'stops at the topic, because retention deleted it before it was applied',
      });
    case 'pending':
      return pendingEnd(evidence, stages, ageMs);
    case 'cannotTell':
      return {
        is: 'unknown',
        at: lastOf(stages),
        text: {
          ko: `어디까지 갔는지 알 수 없음: ${verdict.reason}`,
          en: `how far it came cannot be told: ${verdict.reason}`,
        },
      };
    default: {
      const { at, text } = lostBecause[verdict.is];
      return stopped(at, text);
    }
  }
}

const stopped = (at: StageName, text: Text): TraceEnd => ({ is: 'stopped', at, text });

const rowsOf = (stages: readonly Stage[], name: StageName): readonly StageRow[] => {
  const stage = stages.find((one) => one.stage === name);
  return stage === undefined || stage.status === 'unknown' ? [] : stage.rows;
};

function lastOf(stages: readonly Stage[]): StageName {
  return (
    stages.findLast(({ status, stage }) => status === 'there' && stage !== 'projection' && stage !== 'cache')?.stage ??
    'ledger'
  );
}

function appliedEnd(stages: readonly Stage[]): TraceEnd {
  const effects = rowsOf(stages, 'effects').length;
  if (effects > 1) {
    return stopped('effects', { ko: `${effects}번 반영됨 (중복)`, en: `applied ${effects} times: a duplicate` });
  }
  const handled = [...rowsOf(stages, 'processed'), ...rowsOf(stages, 'archive')];
  if (effects === 0 && handled.some(({ outcome }) => outcome === 'folded')) {
    return {
      is: 'complete',
      at: 'processed',
      text: { ko: '완료: 백필이 합산한 이벤트', en: 'complete: a backfill had folded it in' },
    };
  }
  return { is: 'complete', at: effects > 0 ? 'effects' : 'processed', text: { ko: '완료', en: 'complete' } };
}

function retryEnd(stages: readonly Stage[]): TraceEnd {
  const last = rowsOf(stages, 'deliveries').at(-1);
  const [rung, due, why] = [last?.rung ?? '?', last?.due_at ?? '?', last?.exception ?? '?'];
  return {
    is: 'inFlight',
    at: 'deliveries',
    text: {
      ko: `재시도 ${rung}에서 대기 중: ${why}, 기한 ${due} UTC`,
      en: `waits on ${rung}, because of ${why}; due ${due} UTC`,
    },
  };
}

function deadEnd(stages: readonly Stage[]): TraceEnd {
  const last = rowsOf(stages, 'deadLetter').at(-1) ?? rowsOf(stages, 'deliveries').at(-1);
  const why = `${last?.class ?? '?'} · ${last?.exception ?? '?'}`;
  return stopped('deadLetter', { ko: `DLQ에서 멈춤: ${why}`, en: `stops at the DLQ, because of ${why}` });
}

function skippedEnd(stages: readonly Stage[]): TraceEnd {
  const decision = rowsOf(stages, 'decisions').at(-1);
  const [who, why] = [decision?.actor ?? '?', decision?.reason ?? '?'];
  return stopped('outbox', {
    ko: `아웃박스에서 멈춤: ${who}이(가) 건너뛰기로 결정 (${why})`,
    en: `stops at the outbox, because ${who} decided to skip it (${why})`,
  });
}

function pendingEnd(evidence: Evidence | undefined, stages: readonly Stage[], ageMs: number | undefined): TraceEnd {
  const [row] = rowsOf(stages, 'outbox');
  const isSent = evidence?.outbox?.sent !== undefined && rowsOf(stages, 'record').length > 0;
  if (isSent || stages.some(({ stage, status }) => stage === 'record' && status === 'there')) {
    return {
      is: 'inFlight',
      at: 'record',
      text: { ko: '토픽에서 컨슈머를 기다리는 중', en: 'in the topic, waiting for its consumer' },
    };
  }
  if (evidence?.outbox === undefined) {
    return {
      is: 'inFlight',
      at: 'ledger',
      text: { ko: '방금 커밋됨: 아직 보내지지 않음', en: 'just committed, and not produced yet' },
    };
  }
  const status = row?.status ?? '?';
  const why = row?.last_error === null || row?.last_error === undefined ? '' : `: ${row.last_error}`;
  const text = { ko: `아웃박스에서 전송 대기 (${status}${why})`, en: `waits in the outbox (${status}${why})` };
  const waitsTooLong = ageMs !== undefined && ageMs >= outboxWaitMs;
  if (!waitsTooLong) return { is: 'inFlight', at: 'outbox', text };
  const seconds = Math.round(ageMs / 1000);
  return stopped('outbox', {
    ko: `아웃박스에서 멈춤: ${seconds}초째 전송되지 않음 (${status}${why})`,
    en: `stops at the outbox, because it has not been sent for ${seconds} s (${status}${why})`,
  });
}
