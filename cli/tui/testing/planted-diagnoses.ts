import type { DiagnosisFinding } from '../../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../../infra/diagnoses/run.ts';
import type { Text } from '../../../infra/text.ts';
import type { DiagnosisOutline } from '../store/diagnoses.ts';
import { plantedAtMs } from './ticks.ts';

/** As many diagnoses as the console offers, and answers of every kind. */

const outline = (id: string, [ko, en]: readonly [string, string], more: Partial<DiagnosisOutline> = {}) => ({
  id,
  title: { ko, en },
  question: { ko: `${ko}: 무엇이 어디에서 왜 그런가?`, en: `${en}: what, where, and why?` },
  probes: [],
  narrowsBy: [],
  ...more,
});

export const plantedDiagnoses: readonly DiagnosisOutline[] = [
  outline('duplicates', ['중복 반영', 'Duplicates'], { probes: ['pipeline.freshness'], narrowsBy: ['keys'] }),
  outline('loss', ['유실', 'Loss'], {
    probes: ['outbox.backlog', 'pipeline.freshness', 'kafka.group-lag'],
    narrowsBy: ['keys', 'txId', 'accountId'],
  }),
  outline('projection', ['잔액 투영', 'Projection'], { narrowsBy: ['accountId'] }),
  outline('cache', ['캐시', 'Cache']),
  outline('transactions', ['트랜잭션', 'Transactions']),
  outline('deadlock', ['데드락', 'Deadlocks']),
  outline('rebalance', ['리밸런스', 'Rebalances']),
  outline('hot-keys', ['핫 키', 'Hot keys']),
  outline('isr', ['복제', 'Replicas']),
  outline('outbox', ['아웃박스', 'Outbox'], { probes: ['outbox.backlog'] }),
  outline('lag', ['컨슈머 지연', 'Lag'], { probes: ['kafka.group-lag'] }),
  outline('dlq', ['데드 레터', 'Dead letters'], { probes: ['dlq.groups'] }),
  outline('redis', ['레디스', 'Redis']),
  outline('mysql', ['MySQL', 'MySQL']),
];

const text = (ko: string, en = ko): Text => ({ ko, en });

export const plantedAnswer = (diagnosis: string, change: Partial<Diagnosed> = {}): Diagnosed => ({
  diagnosis,
  takenAtMs: plantedAtMs,
  status: 'clean',
  counts: { checked: 10_204, pending: 3 },
  findings: [],
  explanation: text('원장 10,204건이 모두 한 번씩 반영되었습니다', '10,204 ledger rows, each applied once'),
  next: [],
  ...change,
});

export const plantedLoss = (number: number, change: Partial<DiagnosisFinding> = {}): DiagnosisFinding => ({
  key: `lost.tx-${number}:7`,
  kind: 'lost',
  severity: 'critical',
  text: text(`tx-${number}:7 이(가) 원장에만 있습니다`, `tx-${number}:7 is in the ledger only`),
  rung: 'effect journal',
  evidence: [
    {
      dedup_key: `tx-${number}:7`,
      account_id: '1204',
      amount: '125000.00',
      topic: 'account.balance.v1',
      offset: '88213',
    },
  ],
  trace: `tx-${number}:7`,
  ...change,
});

export const lossAnswer = (findings = 3): Diagnosed =>
  plantedAnswer('loss', {
    status: 'finding',
    counts: { checked: 10_204, lost: findings, pending: 3, expired: 0 },
    // The worst comes last: the console puts it first.
    findings: [
      plantedLoss(90, {
        key: 'truncated.90',
        kind: 'truncated',
        severity: 'warning',
        text: text('보존 기간이 지남', 'retention'),
      }),
      ...Array.from({ length: findings - 1 }, (_, index) => plantedLoss(index + 1)),
    ],
    explanation: text(`원장에 있는 ${findings}건이 반영되지 않았습니다`, `${findings} ledger rows were never applied`),
    next: [{ text: text('하나를 따라가 보기', 'follow one of them'), command: 'labctl trace tx-1:7' }],
  });

/** What an engine may hand us: control sequences, a megabyte, decomposed Hangul. */
export const hostileAnswer = (): Diagnosed =>
  plantedAnswer('loss', {
    status: 'finding',
    findings: [
      plantedLoss(1, {
        text: text('\u001b[2J\u001b]0;owned\u0007지웠다\r\n두 줄', '\u001b[2J\u001b]0;owned\u0007wiped\r\ntwo lines'),
        evidence: [
          { dedup_key: "x'; rm -rf ~ #\u001b[31m", payload: 'A'.repeat(1_000_000), name: '\u1112\u1161\u11ab' },
        ],
        trace: "x'; rm -rf ~ #",
      }),
    ],
    explanation: text('\u001b[?1049l 설명', '\u001b[?1049l words'),
    next: [{ text: text('다음'), command: 'echo \u001b[2J\nrm' }],
  });

export const notMappedAnswer = (diagnosis: string): Diagnosed =>
  plantedAnswer(diagnosis, {
    status: 'unknown',
    counts: {},
    reason: 'not mapped: no Redis is named',
    explanation: text(
      '답할 수 없음: not mapped: no Redis is named',
      'it cannot be answered: not mapped: no Redis is named',
    ),
  });

export const unknownAnswer = (diagnosis: string): Diagnosed =>
  plantedAnswer(diagnosis, {
    status: 'unknown',
    counts: { checked: 0 },
    reason: 'no answer within 15000 ms',
    explanation: text('답할 수 없음: no answer within 15000 ms', 'it cannot be answered: no answer within 15000 ms'),
  });
