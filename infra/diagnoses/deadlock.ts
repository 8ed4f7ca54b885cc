import type { DeadlockClass } from '../mysql/deadlock-text.ts';
import {
  lockText,
  type MysqlDeadlocks,
  mysqlDeadlocks,
  perMinuteOf,
  type SeenDeadlock,
} from '../probes/mysql/deadlocks.ts';
import { type MysqlErrors, mysqlErrors } from '../probes/mysql/errors.ts';
import { mysqlWaits } from '../probes/mysql/waits.ts';
import { mysqlCommand } from '../probes/native-commands.ts';
import { partOf, UnknownValue } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { checklistOf } from './deadlock-checklist.ts';
import type { Answer, Diagnosis, DiagnosisFinding, EvidenceRow, NextStep } from './diagnosis.ts';
import { isAbout, isDeadlockAbout, type LockEvidence } from './lock-evidence.ts';
import { killSteps, waitCounts, waitFindings, waitsAbout } from './lock-findings.ts';
import { remedyOf } from './lock-order.ts';
import { readValue } from './read-probe.ts';

/** What happened longer ago is counted and told, but nothing that an operator must look at now. */
const recentMs = 10 * 60_000;
const stormPerMinute = 60;

/** Do transactions fight over locks: which rows, which statements, in which order, and does the retry policy carry it? */
export const deadlock: Diagnosis = {
  id: 'deadlock',
  title: { ko: '데드락과 락 경합', en: 'Deadlocks and lock contention' },
  question: {
    ko: '데드락(1213)이나 락 대기 타임아웃(1205)이 나는가, 어떤 행을 어떤 순서로 잠그다가?',
    en: 'are there deadlocks (1213) or lock wait timeouts (1205), over which rows and in which order?',
  },
  probes: ['mysql.deadlocks', 'mysql.errors', 'mysql.waits'],
  narrowsBy: [],
  timeoutMs: 20_000,
  async ask(target, context): Promise<Answer> {
    const [deadlocks, errors, read] = await Promise.all([
      partOf(readValue(mysqlDeadlocks, target, context)),
      partOf(readValue(mysqlErrors, target, context)),
      partOf(readValue(mysqlWaits, target, context, { moving: false })),
    ]);
    if (!deadlocks.known && !errors.known && !read.known) throw new UnknownValue(deadlocks.reason);
    const waits = read.known ? { ...read, value: waitsAbout(target, read.value) } : read;
    const evidence = { deadlocks, errors, waits };
    const findings = [
      ...(deadlocks.known ? deadlockFindings(target, deadlocks.value) : []),
      ...(waits.known ? waitFindings(waits.value).filter(({ kind }) => kind === 'lock-wait') : []),
      ...(errors.known ? timeoutFindings(target, errors.value) : []),
    ].sort((a, b) => severityRank(a) - severityRank(b));
    return {
      status: statusOf(findings, evidence),
      counts: countsOf(findings, evidence),
      findings,
      explanation: checklistOf(target, evidence),
      next: nextSteps(target, findings, waits),
    };
  },
};

const severityRank = ({ severity }: DiagnosisFinding): number => (severity === 'critical' ? 0 : 1);

function statusOf(findings: readonly DiagnosisFinding[], evidence: LockEvidence): Answer['status'] {
  if (findings.length > 0) return 'finding';
  const { deadlocks, errors, waits } = evidence;
  const counted = deadlocks.known && deadlocks.value.total.known;
  const timeouts = errors.known && errors.value.errors.some(({ errno, total }) => errno === 1205 && total.known);
  const edges = waits.known && waits.value.waits.every(({ blockers }) => blockers.known);
  return counted && timeouts && edges ? 'clean' : 'unknown';
}

const classKinds: Readonly<Record<DeadlockClass, string>> = {
  'AB-BA': 'ab-ba',
  'gap and insert intention': 'gap',
  'duplicate key': 'duplicate-key',
  'lock upgrade': 'lock-upgrade',
  other: 'other-deadlock',
};

function countsOf(findings: readonly DiagnosisFinding[], { deadlocks, errors, waits }: LockEvidence): Answer['counts'] {
  const kinds = Object.fromEntries(
    [...new Set(findings.map(({ kind }) => kind))].map((kind) => [
      kind,
      findings.filter((finding) => finding.kind === kind).length,
    ]),
  );
  const timeouts = errors.known ? errors.value.errors.find(({ errno }) => errno === 1205)?.total : undefined;
  return {
    ...(deadlocks.known && deadlocks.value.total.known
      ? { deadlocks: Number(deadlocks.value.total.value), captured: deadlocks.value.captured }
      : {}),
    ...(timeouts?.known ? { lockWaitTimeouts: Number(timeouts.value) } : {}),
    ...(waits.known ? waitCounts(waits.value) : {}),
    ...kinds,
  };
}

const isRecent = ({ ageMs }: SeenDeadlock): boolean => !ageMs.known || ageMs.value <= recentMs;

function deadlockFindings(target: Target, { seen, lately }: MysqlDeadlocks): readonly DiagnosisFinding[] {
  const recent = seen.filter((one) => isRecent(one) && isDeadlockAbout(target, one));
  // One that is retried costs a rollback; at such a rate retries only add to it.
  const isStorm = perMinuteOf(lately) >= stormPerMinute;
  return recent.map((one): DiagnosisFinding => {
    const remedy = remedyOf(one);
    const sessions = one.sides.map(({ threadId }) => threadId ?? '?').join(', ');
    return {
      key: `deadlock.${one.fingerprint}`,
      kind: classKinds[one.class],
      severity: isStorm ? 'critical' : 'warning',
      text: {
        ko: `${one.at} 데드락(${one.class}), 세션 ${sessions}: ${remedy.ko}`,
        en: `a deadlock (${one.class}) at ${one.at} between sessions ${sessions}: ${remedy.en}`,
      },
      evidence: one.sides.map(
        (side): EvidenceRow => ({
          session: side.threadId ?? null,
          trx: side.trxId,
          user: side.user === undefined ? null : `${side.user}@${side.host ?? ''}`,
          victim: side.victim,
          holds: side.holds.map(lockText).join(' + '),
          waits_for: side.waitsFor === undefined ? null : lockText(side.waitsFor),
          statement: side.query,
        }),
      ),
    };
  });
}

/** Statements that gave up waiting lately, of sessions that are still there; where those are gone, the counter alone. */
function timeoutFindings(target: Target, { errors, recent }: MysqlErrors): readonly DiagnosisFinding[] {
  const statements = (recent.known ? recent.value : []).filter(
    ({ errno, database, agoMs }) => errno === 1205 && agoMs <= recentMs && isAbout(target, database),
  );
  const now = errors.find(({ errno }) => errno === 1205)?.perSecond;
  const rising = now?.known === true && now.value > 0 && target.roles.database === '';
  if (statements.length === 0 && !rising) return [];
  const many = Math.max(statements.length, 1);
  return [
    {
      key: 'deadlock.timeouts',
      kind: 'lock-timeout',
      severity: 'warning',
      text: {
        ko: `최근 10분 안에 락 대기 타임아웃(1205) ${many}건: 1205는 문장만 되돌리므로 트랜잭션 전체를 롤백하고 다시 해야 함`,
        en: `${many} lock wait timeouts (1205) within ten minutes: 1205 undoes the statement only, the whole transaction must be rolled back and run again`,
      },
      evidence: statements.map(({ pid, user, agoMs, statement }) => ({
        session: pid,
        user,
        ago_ms: agoMs,
        statement,
      })),
    },
  ];
}

function nextSteps(
  target: Target,
  findings: readonly DiagnosisFinding[],
  waits: LockEvidence['waits'],
): readonly NextStep[] {
  const hasDeadlock = findings.some(({ key }) => key.startsWith('deadlock.') && key !== 'deadlock.timeouts');
  return [
    ...(waits.known ? killSteps(target, waits.value) : []),
    ...(hasDeadlock
      ? [
          {
            text: {
              ko: '다음 데드락까지 놓치지 않고 지켜보기 (InnoDB는 마지막 하나만 보관)',
              en: 'watch, so that the next ones are seen too (InnoDB keeps only the last)',
            },
            command: 'labctl get mysql.deadlocks -w',
          },
          {
            text: { ko: 'MySQL 자신의 기록 보기', en: "MySQL's own report" },
            command: `${mysqlCommand(target, 'SHOW ENGINE INNODB STATUS')} --batch --raw`,
          },
        ]
      : []),
    ...(findings.length > 0
      ? [
          {
            text: { ko: '오류 수와 재시도 수', en: 'how many errors, how many retries' },
            command: 'labctl get mysql.errors',
          },
        ]
      : []),
  ];
}
