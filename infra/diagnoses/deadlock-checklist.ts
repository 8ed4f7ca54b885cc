import type { MysqlErrors } from '../probes/mysql/errors.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import { isDeadlockAbout, type LockEvidence } from './lock-evidence.ts';
import { remedyOf } from './lock-order.ts';

/** The four questions of an on-call checklist, each with its answer. */
export function checklistOf(target: Target, evidence: LockEvidence): Text {
  const lines = [
    occurred(evidence),
    trace(target, evidence),
    order(target, evidence),
    policy(evidence),
    waiting(evidence),
  ];
  return { ko: lines.map(({ ko }) => ko).join(' · '), en: lines.map(({ en }) => en).join(' · ') };
}

function totalOf(errors: MysqlErrors, errno: number, language: 'ko' | 'en'): string {
  const total = errors.errors.find((error) => error.errno === errno)?.total;
  if (total?.known) return String(total.value);
  return language === 'ko' ? `알 수 없음(${total?.reason ?? ''})` : `unknown (${total?.reason ?? ''})`;
}

function occurred({ errors }: LockEvidence): Text {
  if (!errors.known) return unread('1213·1205', '1213 and 1205', errors.reason);
  const { value } = errors;
  return {
    ko: `서버 시작 이후 데드락(1213) ${totalOf(value, 1213, 'ko')}건, 락 대기 타임아웃(1205) ${totalOf(value, 1205, 'ko')}건`,
    en: `since the server started: ${totalOf(value, 1213, 'en')} deadlocks (1213), ${totalOf(value, 1205, 'en')} lock wait timeouts (1205)`,
  };
}

function trace(target: Target, { deadlocks }: LockEvidence): Text {
  if (!deadlocks.known) return unread('데드락 기록', 'the trace of the last deadlock', deadlocks.reason);
  const { seen, captured, total } = deadlocks.value;
  const [last] = seen;
  if (last === undefined) return { ko: '남은 데드락 기록 없음', en: 'no trace of a deadlock is kept' };
  const of = total.known ? String(total.value) : '?';
  const elsewhere = isDeadlockAbout(target, last)
    ? { ko: '', en: '' }
    : { ko: ' (다른 데이터베이스)', en: ' (of another database)' };
  return {
    ko: `마지막 데드락 ${last.at}${elsewhere.ko}, ${last.class}; ${of}건 중 ${captured}건을 봄`,
    en: `the last deadlock${elsewhere.en} at ${last.at}: ${last.class}; captured ${captured} of ${of}`,
  };
}

function order(target: Target, { deadlocks }: LockEvidence): Text {
  if (!deadlocks.known) return unread('락 획득 순서', 'the lock order', deadlocks.reason);
  const about = deadlocks.value.seen.find((one) => isDeadlockAbout(target, one));
  if (about === undefined) {
    return {
      ko: '락 순서가 엇갈렸다는 증거 없음 (데드락이 난 뒤에만 보임)',
      en: 'nothing shows an inconsistent lock order (only a deadlock would)',
    };
  }
  return remedyOf(about);
}

function policy({ errors }: LockEvidence): Text {
  if (!errors.known) return unread('재시도 정책', 'the retry policy', errors.reason);
  const transient = errors.value.errors.filter(({ isRetried }) => isRetried);
  const numbers = transient.map(({ errno }) => errno).join(', ');
  const counted = transient.flatMap(({ retries }) => (retries.known ? [retries.value.total] : []));
  const head = {
    ko: `labctl 워커의 재시도 정책은 ${numbers}을(를) 일시 오류로 보고 트랜잭션 전체를 다시 함`,
    en: `the retry policy of labctl's workers takes ${numbers} for transient and runs the whole transaction again`,
  };
  if (counted.length === 0) {
    return {
      ko: `${head.ko}; 이 대상의 애플리케이션이 재시도하는지는 보이지 않음(하트비트 없음)`,
      en: `${head.en}; whether the applications of this target retry cannot be seen (no heartbeats)`,
    };
  }
  const sum = counted.reduce((all, one) => all + one, 0);
  return { ko: `${head.ko} (지금까지 ${sum}번)`, en: `${head.en} (${sum} times so far)` };
}

function waiting({ waits }: LockEvidence): Text {
  if (!waits.known) return unread('지금의 락 대기', 'who waits now', waits.reason);
  const { waits: all, roots } = waits.value;
  if (all.length === 0) return { ko: '지금 락을 기다리는 세션 없음', en: 'nobody waits for a lock now' };
  return {
    ko: `지금 ${all.length}개 세션이 락을 기다림 (맨 앞에서 막는 세션 ${roots.map(({ pid }) => pid).join(', ') || '알 수 없음'})`,
    en: `${all.length} sessions wait for locks now (at the head: ${roots.map(({ pid }) => pid).join(', ') || 'unknown'})`,
  };
}

const unread = (ko: string, en: string, reason: string): Text => ({
  ko: `${ko}: 읽을 수 없음(${reason})`,
  en: `${en}: not readable (${reason})`,
});
