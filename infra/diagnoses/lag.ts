import { placeName } from '../kafka/place-name.ts';
import type { RecordPlace } from '../kafka/read-records.ts';
import { type GroupLag, type KafkaGroupLag, kafkaGroupLag, type PartitionLag } from '../probes/kafka/group-lag.ts';
import { deletedSoon, isAhead, isBlocked } from '../probes/kafka/group-lag-log-findings.ts';
import { firstWaiting, mostWaiting } from '../probes/kafka/group-lag-waiting.ts';
import type { Finding } from '../probes/probe.ts';
import { known, type Part } from '../probes/reading.ts';
import { printable, type Text } from '../text.ts';
import type { Answer, Diagnosis, DiagnosisFinding, EvidenceRow, NextStep } from './diagnosis.ts';
import { readValue } from './read-probe.ts';

/** Who is behind, by how much of what, and what it is that holds them up. */
export const lag: Diagnosis = {
  id: 'lag',
  title: { ko: '컨슈머 지연', en: 'Consumer lag' },
  question: {
    ko: '어느 그룹이 얼마나 밀렸고, 무엇 때문에 못 따라가는가?',
    en: 'which group is behind, by how much, and what holds it up?',
  },
  probes: ['kafka.group-lag', 'kafka.rebalances'],
  narrowsBy: [],
  timeoutMs: 20_000,
  async ask(target, context): Promise<Answer> {
    const value = await readValue(kafkaGroupLag, target, context);
    const findings = kafkaGroupLag.judge(value).map((finding) => diagnosisFinding(finding, value));
    const unread = unreadParts(value);
    const nothing = value.groups.length === 0 && unread === 0;
    const clean = unread > 0 || nothing ? 'unknown' : 'clean';
    return {
      status: findings.length > 0 ? 'finding' : clean,
      counts: countsOf(value, findings, unread),
      findings,
      explanation: nothing ? nobody : explanationOf(value, unread),
      next: nextSteps(findings, value),
    };
  },
};

const nobody: Text = {
  ko: '커밋한 컨슈머 그룹이 없어 확인할 것이 없었습니다',
  en: 'no consumer group has committed anything: there was nothing to check',
};

const partitionsOf = ({ partitions }: GroupLag): readonly PartitionLag[] => (partitions.known ? partitions.value : []);

function unreadParts({ groups, missing }: KafkaGroupLag): number {
  const parts = groups.map(({ partitions, lag: { unknown }, state }) =>
    partitions.known ? unknown + (state.known ? 0 : 1) : 1,
  );
  return parts.reduce((sum, count) => sum + count, missing.length);
}

/** A finding's key ends in its kind; those of a topic begin with `leader`. */
const kindOf = ({ key }: Finding): string => (key.startsWith('leader.') ? 'leaderless' : (key.split('.').at(-1) ?? ''));

const concerned: Readonly<Record<string, (group: GroupLag) => readonly PartitionLag[]>> = {
  empty: (group) => partitionsOf(group).filter(hasReadable),
  stopped: (group) => partitionsOf(group).filter((one) => hasReadable(one) && one.stillMs > 0),
  behind: (group) => partitionsOf(group).filter(hasReadable),
  blocked: (group) => partitionsOf(group).filter(isBlocked),
  lost: (group) => partitionsOf(group).filter((one) => one.lost > 0n),
  ahead: (group) => partitionsOf(group).filter(isAhead),
  retention: deletedSoon,
  leaderless: (group) => partitionsOf(group).filter((one) => one.leader === undefined),
};

const hasReadable = ({ split }: PartitionLag): boolean => split.known && split.value.readable > 0n;

function diagnosisFinding(finding: Finding, { groups }: KafkaGroupLag): DiagnosisFinding {
  const kind = kindOf(finding);
  const of = groups.filter(({ role, topic }) =>
    kind === 'leaderless'
      ? finding.key === `leader.${topic}`
      : finding.key === `lag.${role.replaceAll('.', '_')}.${kind}`,
  );
  const among = kind === 'leaderless' ? of.slice(0, 1) : of;
  const evidence = among.flatMap((group) => (concerned[kind]?.(group) ?? []).map((one) => evidenceOf(group, one)));
  const place = kind === 'leaderless' ? undefined : among.map((group) => placeOf(kind, group)).find((one) => one);
  return { ...finding, kind, evidence, ...(place === undefined ? {} : { trace: placeName(place) }) };
}

/** The first record that waits where most does. Of what is gone, and of what never was, the first offset without one. */
function placeOf(kind: string, group: GroupLag): RecordPlace | undefined {
  const partitions = concerned[kind]?.(group) ?? [];
  if (kind !== 'lost' && kind !== 'ahead') {
    const most = mostWaiting(kind === 'blocked' ? partitions.map(blockedAlone) : partitions);
    return most && firstWaiting(group, most);
  }
  const [first] = partitions;
  if (first?.committed.known !== true || first.committed.value === null) return undefined;
  return { topic: group.topic, partition: first.partition, offset: first.committed.value };
}

/** What an open transaction holds back is asked about, not what can be read before it. */
const blockedAlone = (one: PartitionLag): PartitionLag =>
  one.split.known ? { ...one, split: known({ ...one.split.value, readable: 0n }) } : one;

function evidenceOf({ groupId, topic, state }: GroupLag, one: PartitionLag): EvidenceRow {
  const split = one.split.known ? one.split.value : undefined;
  return {
    group: groupId,
    state: textOf(state),
    topic,
    partition: one.partition,
    committed: textOf(one.committed),
    log_start: textOf(one.logStart),
    last_stable: textOf(one.lastStable),
    high_watermark: textOf(one.highWatermark),
    readable: split === undefined ? null : String(split.readable),
    blocked: split === undefined ? null : String(split.blocked),
    markers: split === undefined ? null : String(split.markers),
    lost: String(one.lost),
    ahead: String(one.ahead),
    time_lag_ms: numberOf(one.timeLagMs),
    deleted_in_ms: numberOf(one.deletedInMs),
    still_ms: one.stillMs,
    blocked_by_producer: one.facts?.open === undefined ? null : String(one.facts.open.producerId),
    member: one.clientId ?? null,
  };
}

const textOf = (part: Part<unknown>): string | null =>
  part.known ? (part.value === null ? null : String(part.value)) : `? ${part.reason}`;
const numberOf = (part: Part<number | null>): number | null => (part.known ? part.value : null);

function countsOf(
  { groups, rpcs }: KafkaGroupLag,
  findings: readonly DiagnosisFinding[],
  unread: number,
): Answer['counts'] {
  const all = groups.flatMap(partitionsOf);
  const sum = (read: (group: GroupLag) => bigint): number =>
    Number(groups.reduce((total, group) => total + read(group), 0n));
  const kinds = Map.groupBy(findings, ({ kind }) => kind);
  return {
    groups: new Set(groups.map(({ groupId }) => groupId)).size,
    partitions: all.length,
    unknown: unread,
    lag: sum(({ lag: { atLeast } }) => atLeast),
    readable: sum(({ readable }) => readable.atLeast),
    blockedRecords: sum(({ blocked }) => blocked.atLeast),
    markersOnly: sum(({ markers }) => markers.atLeast),
    ...Object.fromEntries([...kinds].map(([kind, some]) => [kind, some.length])),
    rpcs: rpcs.total,
    rpcsMaxPerBroker: rpcs.mostOnOneBroker,
  };
}

function firstReason({ groups, missing }: KafkaGroupLag): string {
  const reasons = groups.flatMap(({ topic, partitions }) => {
    if (!partitions.known) return [`${topic}: ${partitions.reason}`];
    return partitions.value.flatMap(({ partition, lag: one }) =>
      one.known ? [] : [`${topic} p${partition}: ${one.reason}`],
    );
  });
  return printable(reasons[0] ?? missing[0]?.reason ?? '?');
}

function explanationOf(value: KafkaGroupLag, unread: number): Text {
  const { groups, wholeCluster } = value;
  const names = new Set(groups.map(({ groupId }) => groupId)).size;
  const partitions = groups.flatMap(partitionsOf).length;
  const scope: Text = wholeCluster
    ? { ko: '클러스터의 모든 그룹', en: 'every group of the cluster' }
    : { ko: '역할 맵의 그룹', en: 'the mapped groups' };
  const missing: Text =
    unread === 0
      ? { ko: '', en: '' }
      : {
          ko: ` ${unread}곳은 읽지 못해 판단하지 않았습니다 (${firstReason(value)}).`,
          en: ` ${unread} parts could not be read and are not judged (${firstReason(value)}).`,
        };
  return {
    ko: `${scope.ko} ${names}개, 파티션 ${partitions}개의 커밋을 먼저 읽고 워터마크를 나중에 읽었습니다. 지연은 읽을 수 있는 것, 열린 트랜잭션에 막힌 것, 마커뿐인 것으로 나눴고, 마커만 남은 지연은 이상이 아닙니다.${missing.ko}`,
    en: `Of ${scope.en} (${names}; ${partitions} partitions) the commits were read first and the watermarks after. A lag is split into what can be read, what an open transaction holds back, and what is only markers; a lag of markers only is no trouble.${missing.en}`,
  };
}

function nextSteps(findings: readonly DiagnosisFinding[], { groups }: KafkaGroupLag): readonly NextStep[] {
  const kinds = new Set(findings.map(({ kind }) => kind));
  const steps: NextStep[] = [];
  const add = (when: boolean, ko: string, en: string, command: string): void => {
    if (when) steps.push({ text: { ko, en }, command });
  };
  add(kinds.has('leaderless'), '브로커가 살아 있는지 보기', 'see which brokers are alive', 'labctl get stack.health');
  add(
    kinds.has('stopped') || kinds.has('behind'),
    '리밸런스나 느린 핸들러 때문인지 보기',
    'see whether rebalances or a slow handler are the cause',
    'labctl diagnose rebalance',
  );
  add(
    kinds.has('empty') || kinds.has('stopped'),
    '그룹의 멤버를 보기',
    'see the members of the group',
    'labctl get kafka.rebalances',
  );
  const waits = findings.find(({ trace }) => trace !== undefined)?.trace;
  add(
    waits !== undefined,
    '첫 레코드가 어떤 이벤트이고 어디까지 갔는지 보기',
    'see which event its first record is, and how far that came',
    `labctl trace ${waits}`,
  );
  add(
    findings.length > 0 && groups.length > 0,
    '파티션마다 계속 지켜보기',
    'watch it partition by partition',
    'labctl get kafka.group-lag -w',
  );
  return steps;
}
