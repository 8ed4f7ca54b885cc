import type { Part } from '../../probes/reading.ts';
import { printable, type Text } from '../../text.ts';
import type { Answer, DiagnosisFinding, EvidenceRow, NextStep } from '../diagnosis.ts';
import { findingsMax } from '../diagnosis.ts';
import type { Evidence } from './evidence.ts';
import type { LossKind } from './judge.ts';
import type { Suspect } from './suspects.ts';

export interface Lost {
  readonly kind: LossKind;
  readonly suspect: Suspect;
  readonly evidence: Evidence;
  readonly committed: Part<bigint | undefined>;
}

/** How often each verdict was given. */
export interface Tally {
  readonly lost: readonly Lost[];
  readonly applied: number;
  readonly pending: number;
  readonly inRetry: number;
  readonly dead: number;
  /** DEAD in the outbox: told of by the diagnosis of the outbox. */
  readonly heldBack: number;
  readonly skipped: number;
  readonly expired: number;
  /** Reason → how many. */
  readonly cannotTell: ReadonlyMap<string, number>;
}

export interface Checked {
  readonly legs: Part<number>;
  readonly outboxRows: Part<number>;
  /** No table shows what was applied: only sending can be judged. */
  readonly hasRungs: boolean;
}

const words: Readonly<Record<LossKind, Text>> = {
  notProduced: {
    ko: '원장에는 있으나 아웃박스에도 Kafka에도 없음 (보내지기 전에 유실)',
    en: 'in the ledger, and neither in the outbox nor in Kafka: lost before it was produced',
  },
  truncated: {
    ko: 'SENT이지만 그 오프셋에 이 이벤트가 없음 (브로커에서 잘려 나감)',
    en: 'SENT, and its offset does not hold it: cut off in the broker',
  },
  removed: {
    ko: 'SENT이지만 그 오프셋에 레코드가 없음 (컴팩션 또는 중단된 트랜잭션)',
    en: 'SENT, and its offset holds no record: compacted away, or its transaction aborted',
  },
  consumer: {
    ko: '토픽에 있고 컨슈머 그룹이 지나갔으나 어디에도 반영되지 않음 (컨슈머에서 유실)',
    en: 'in the topic, passed by the consumer group, and applied nowhere: lost in the consumer',
  },
  lost: {
    ko: '같은 계좌의 이후 이벤트는 반영됐으나 이것은 어디에도 없음 (유실 지점은 볼 수 없음)',
    en: 'later events of its account are applied, this one nowhere; where it was lost cannot be seen',
  },
};

const countNames: Readonly<Record<LossKind, string>> = {
  notProduced: 'lostBeforeKafka',
  truncated: 'lostInBroker',
  removed: 'lostRemoved',
  consumer: 'lostInConsumer',
  lost: 'lostSomewhere',
};

/** Pure: the tally as an answer. */
export function answerOf(tally: Tally, checked: Checked): Answer {
  const { lost, cannotTell } = tally;
  const untold = [...cannotTell.values()].reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(countNames).map(
    ([kind, name]) => [name, lost.filter((one) => one.kind === kind).length] as const,
  );
  const counts = {
    ...(checked.legs.known ? { ledgerRows: checked.legs.value } : {}),
    ...(checked.outboxRows.known ? { outboxRows: checked.outboxRows.value } : {}),
    lost: lost.length,
    ...Object.fromEntries(kinds),
    pending: tally.pending,
    inRetry: tally.inRetry,
    dead: tally.dead,
    outboxDead: tally.heldBack,
    skipped: tally.skipped,
    expired: tally.expired,
    cannotTell: untold,
  };
  const rows = valueOr(checked.legs, 0) + valueOr(checked.outboxRows, 0);
  const unread = unreadText(checked);
  const isWhole = unread === undefined && untold === 0 && rows > 0 && checked.hasRungs;
  const status = lost.length > 0 ? 'finding' : isWhole ? 'clean' : 'unknown';
  return {
    status,
    counts,
    findings: lost.slice(0, findingsMax).map(findingOf),
    explanation: explanationOf(tally, { checked, rows, unread, untold }),
    next: nextSteps(lost),
  };
}

const valueOr = (part: Part<number>, other: number): number => (part.known ? part.value : other);

/** The ledger or the outbox alone is no trouble where the other is there; what may not be read is. */
function unreadText({ legs, outboxRows }: Checked): string | undefined {
  const reasons = [legs, outboxRows].flatMap((part) =>
    part.known || part.reason.startsWith('not mapped') ? [] : [part.reason],
  );
  return reasons[0];
}

function findingOf({ kind, suspect, evidence, committed }: Lost): DiagnosisFinding {
  const key = printable(suspect.dedupKey);
  return {
    key: `lost.${key}`,
    kind: countNames[kind],
    severity: 'critical',
    text: { ko: `${key}: ${words[kind].ko}`, en: `${key}: ${words[kind].en}` },
    rung: 'effect journal',
    evidence: [evidenceRow(kind, suspect, evidence, committed)],
    trace: key,
  };
}

function evidenceRow(
  kind: LossKind,
  suspect: Suspect,
  { leg, laterApplied }: Evidence,
  committed: Part<bigint | undefined>,
): EvidenceRow {
  const { sent } = suspect;
  return {
    dedup_key: printable(suspect.dedupKey),
    where: kind,
    ...(leg === undefined
      ? {}
      : { tx_id: printable(leg.txId), account_id: leg.accountId, ledger_id: leg.ledgerId, delta: leg.delta }),
    ...(leg?.seq === undefined ? {} : { account_seq: String(leg.seq), later_seq_applied: laterApplied }),
    ...(suspect.source === 'outbox' ? { outbox_id: suspect.rowId } : {}),
    ...(sent === undefined ? {} : { partition: sent.partition, offset: String(sent.offset) }),
    ...(sent !== undefined && committed.known
      ? { committed: committed.value === undefined ? null : String(committed.value) }
      : {}),
    age_s: Math.round(suspect.ageMs / 1000),
  };
}

function explanationOf(
  { lost, pending, inRetry, expired, skipped, cannotTell }: Tally,
  seen: {
    readonly checked: Checked;
    readonly rows: number;
    readonly unread: string | undefined;
    readonly untold: number;
  },
): Text {
  const { checked, rows, unread, untold } = seen;
  const [reason] = cannotTell.keys();
  const ko = [
    `${rows.toLocaleString('en-US')}행 확인, 유실 ${lost.length}건`,
    `처리 중 ${pending}건, 재시도 대기 ${inRetry}건, 보존 기간 경과 ${expired}건, 건너뜀 ${skipped}건은 유실이 아님`,
    ...(rows === 0 ? ['확인할 행이 없음'] : []),
    ...(checked.hasRungs ? [] : ['무엇이 반영됐는지 보여 주는 테이블이 없음 (not mapped)']),
    ...(unread === undefined ? [] : [`읽지 못한 테이블이 있음: ${unread}`]),
    ...(untold === 0 ? [] : [`${untold}건은 판단할 수 없음: ${reason}`]),
  ];
  const en = [
    `${rows.toLocaleString('en-US')} rows looked at, ${lost.length} events lost`,
    `not lost: ${pending} on their way, ${inRetry} in retry, ${expired} expired by retention, ${skipped} skipped by an operator`,
    ...(rows === 0 ? ['there was no row to look at'] : []),
    ...(checked.hasRungs ? [] : ['no table shows what was applied (not mapped)']),
    ...(unread === undefined ? [] : [`a table could not be read: ${unread}`]),
    ...(untold === 0 ? [] : [`of ${untold} it cannot be told: ${reason}`]),
  ];
  return { ko: ko.join(' · '), en: en.join(' · ') };
}

function nextSteps(lost: readonly Lost[]): readonly NextStep[] {
  const [first] = lost;
  if (first === undefined) return [];
  const { leg } = first.evidence;
  return [
    {
      text: { ko: '그 이벤트가 어디까지 갔는지 보기', en: 'see how far the event came' },
      command: `labctl trace ${shellWord(first.suspect.dedupKey)}`,
    },
    ...(leg === undefined
      ? []
      : [
          {
            text: { ko: '그 계좌 전체를 다시 확인', en: 'look at its whole account again' },
            command: `labctl diagnose loss --account ${leg.accountId}`,
          },
        ]),
  ];
}

/** Keys come from the target: as one word of a shell, whatever is in them. */
function shellWord(text: string): string {
  const shown = printable(text);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
