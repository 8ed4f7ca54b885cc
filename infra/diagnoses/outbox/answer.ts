import type { OutboxBacklog } from '../../probes/pipeline/outbox-backlog.ts';
import type { Text } from '../../text.ts';
import type { Answer, DiagnosisFinding, NextStep } from '../diagnosis.ts';
import type { Holding, Inversion, OutboxFacts } from './read.ts';

/** A relay that works sends a row that nothing holds well within this. */
export const stuckAfterMs = 10_000;
/** Workers beat once a second. */
const relayDeadMs = 5_000;

/** Pure: what was read, as an answer. */
export function answerOf(backlog: OutboxBacklog, facts: OutboxFacts): Answer {
  const { holding, inversions, stuck } = facts;
  const isStuck = stuck !== null && stuck.ageMs >= stuckAfterMs;
  const findings = [
    ...holding.filter(({ isDead }) => isDead).map(heldFinding),
    ...(inversions.known ? inversions.value.map(inversionFinding) : []),
    ...(isStuck ? [stuckFinding(stuck, backlog, facts)] : []),
    ...holding.filter(({ isDead }) => !isDead).map(heldFinding),
  ];
  const behind = holding.reduce((sum, { holdsBack }) => sum + (holdsBack ?? 0), 0);
  const isEmpty = facts.compared === 0;
  return {
    status: findings.length > 0 ? 'finding' : isEmpty ? 'unknown' : 'clean',
    counts: {
      pending: backlog.pending.rows,
      dead: holding.filter(({ isDead }) => isDead).length,
      retrying: holding.filter(({ isDead }) => !isDead).length,
      heldBack: behind,
      stuck: isStuck ? 1 : 0,
      ...(inversions.known ? { outOfOrder: inversions.value.length } : {}),
      compared: facts.compared,
    },
    findings,
    explanation: explanationOf(backlog, facts, { behind, isEmpty }),
    next: nextSteps(holding, isStuck),
  };
}

function heldFinding({
  id,
  dedupKey,
  account,
  isDead,
  attempts,
  lastError,
  ageMs,
  holdsBack,
}: Holding): DiagnosisFinding {
  const behind = holdsBack ?? '?';
  const error = lastError ?? '?';
  return {
    key: `outbox.${isDead ? 'dead' : 'retrying'}.${id}`,
    kind: isDead ? 'dead' : 'retrying',
    severity: isDead ? 'critical' : 'warning',
    text: isDead
      ? {
          ko: `DEAD 행 ${id} (${dedupKey}): 같은 키의 이후 행 ${behind}개가 대기 · ${error}`,
          en: `row ${id} (${dedupKey}) is DEAD: ${behind} later rows of its key wait · ${error}`,
        }
      : {
          ko: `행 ${id} (${dedupKey})이(가) 다시 시도되는 중: 같은 키의 이후 행 ${behind}개가 대기 · ${error}`,
          en: `row ${id} (${dedupKey}) is being tried again: ${behind} later rows of its key wait · ${error}`,
        },
    evidence: [
      {
        outbox_id: id,
        dedup_key: dedupKey,
        account_id: account,
        attempts,
        last_error: lastError,
        age_s: Math.round(ageMs / 1000),
        holds_back: holdsBack,
      },
    ],
    trace: dedupKey,
  };
}

function inversionFinding({ id, dedupKey, account, partition, offset, offsetBefore }: Inversion): DiagnosisFinding {
  return {
    key: `outbox.order.${id}`,
    kind: 'outOfOrder',
    severity: 'critical',
    text: {
      ko: `계좌 ${account}의 순서가 바뀜: 행 ${id}이(가) 앞선 행보다 먼저 전송됨 (오프셋 ${offset} < ${offsetBefore})`,
      en: `the order of account ${account} was not kept: row ${id} stands before an earlier one (offset ${offset} < ${offsetBefore})`,
    },
    evidence: [
      { outbox_id: id, dedup_key: dedupKey, account_id: account, partition, offset, offset_of_earlier: offsetBefore },
    ],
    trace: dedupKey,
  };
}

function stuckFinding(
  stuck: NonNullable<OutboxFacts['stuck']>,
  { pending }: OutboxBacklog,
  facts: OutboxFacts,
): DiagnosisFinding {
  const seconds = Math.round(stuck.ageMs / 1000);
  const why = relayText(facts);
  return {
    key: 'outbox.stuck',
    kind: 'stuck',
    severity: 'critical',
    text: {
      ko: `아무것도 붙잡지 않은 행 ${stuck.id} (${stuck.dedupKey})이(가) ${seconds}초째 전송되지 않음, 대기 ${pending.rows}건 · ${why.ko}`,
      en: `row ${stuck.id} (${stuck.dedupKey}) has waited ${seconds} s though nothing holds it, ${pending.rows} pending · ${why.en}`,
    },
    evidence: [
      { outbox_id: stuck.id, dedup_key: stuck.dedupKey, age_s: seconds },
      ...(facts.relays.known
        ? facts.relays.value.map(({ worker, beatAgeMs }) => ({ relay: worker, beat_age_ms: Math.round(beatAgeMs) }))
        : []),
      ...(facts.shards.known
        ? facts.shards.value.map(({ name, owner, expired }) => ({ shard: name, owner, expired }))
        : []),
    ],
    trace: stuck.dedupKey,
  };
}

/** Whether anybody is there to send, and whose shards it is. */
function relayText({ relays, shards }: OutboxFacts): Text {
  if (!relays.known)
    return {
      ko: `릴레이의 상태는 알 수 없음: ${relays.reason}`,
      en: `nothing tells about its relay: ${relays.reason}`,
    };
  const alive = relays.value.filter(({ beatAgeMs }) => beatAgeMs < relayDeadMs).map(({ worker }) => worker);
  const orphaned = shards.known ? shards.value.filter(({ owner, expired }) => owner === '' || expired).length : 0;
  const orphans = {
    ko: orphaned > 0 ? `, 주인 없는 샤드 ${orphaned}개` : '',
    en: orphaned > 0 ? `, ${orphaned} shards without an owner` : '',
  };
  return alive.length === 0
    ? { ko: `살아 있는 릴레이가 없음${orphans.ko}`, en: `no relay is alive${orphans.en}` }
    : {
        ko: `릴레이는 살아 있음 (${alive.join(', ')})${orphans.ko}`,
        en: `its relay is alive (${alive.join(', ')})${orphans.en}`,
      };
}

function explanationOf(
  { pending, oldestPendingMs }: OutboxBacklog,
  { inversions, compared, holdingMore }: OutboxFacts,
  { behind, isEmpty }: { readonly behind: number; readonly isEmpty: boolean },
): Text {
  const oldest = oldestPendingMs.known ? Math.round((oldestPendingMs.value ?? 0) / 1000) : '?';
  const ko = [
    `대기 ${pending.exact ? '' : '최소 '}${pending.rows}건, 가장 오래된 것 ${oldest}초`,
    `붙잡힌 키 뒤에서 대기 ${behind}건`,
    inversions.known ? `최근 ${compared}행의 전송 순서를 비교` : `순서는 비교할 수 없음: ${inversions.reason}`,
    ...(holdingMore ? ['붙잡는 행이 더 있음'] : []),
    ...(isEmpty ? ['아웃박스에 행이 없음'] : []),
  ];
  const en = [
    `${pending.exact ? '' : 'at least '}${pending.rows} pending, the oldest for ${oldest} s`,
    `${behind} wait behind held keys`,
    inversions.known
      ? `the order of the newest ${compared} rows was compared`
      : `the order cannot be compared: ${inversions.reason}`,
    ...(holdingMore ? ['there are more rows that hold'] : []),
    ...(isEmpty ? ['the outbox has no rows'] : []),
  ];
  return { ko: ko.join(' · '), en: en.join(' · ') };
}

function nextSteps(holding: readonly Holding[], isStuck: boolean): readonly NextStep[] {
  const [held] = holding;
  return [
    ...(held === undefined
      ? []
      : [
          { text: { ko: '붙잡고 있는 행 보기', en: 'see the rows that hold' }, command: 'labctl outbox list' },
          {
            text: { ko: '고친 뒤 다시 보내기', en: 'once mended, send it again' },
            command: `labctl outbox retry ${held.id}`,
          },
        ]),
    ...(isStuck
      ? [
          {
            text: { ko: '릴레이가 왜 서 있는지 보기', en: 'see why its relay stands still' },
            command: 'labctl get workers.health',
          },
        ]
      : []),
  ];
}
