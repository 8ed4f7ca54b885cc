import { messageOf } from '../errors.ts';
import { type KafkaConsumerConfig, kafkaConsumerConfig } from '../probes/kafka/consumer-config.ts';
import { type GroupRebalances, type KafkaRebalances, kafkaRebalances } from '../probes/kafka/rebalances.ts';
import type { Finding } from '../probes/probe.ts';
import { notMapped } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import type { Answer, AskContext, Diagnosis, DiagnosisFinding, EvidenceRow } from './diagnosis.ts';
import { readValue } from './read-probe.ts';
import { type Redelivered, readRedelivered } from './redelivered.ts';

/** The runbook's checklist for a rebalance storm, each line answered. */
export const rebalance: Diagnosis = {
  id: 'rebalance',
  title: { ko: '리밸런스 폭탄', en: 'Rebalance storms' },
  question: {
    ko: '그룹이 자꾸 리밸런스하는가, 왜 그런가, 그때 생긴 중복은 무해했는가?',
    en: 'do groups keep rebalancing, why, and were the duplicates that this makes harmless?',
  },
  probes: ['kafka.rebalances', 'kafka.consumer-config', 'kafka.group-lag'],
  narrowsBy: [],
  timeoutMs: 30_000,
  async ask(target, context): Promise<Answer> {
    const value = await readValue(kafkaRebalances, target, context);
    const [config, redelivered] = await Promise.all([configOf(target, context), readRedelivered(target)]);
    const findings = [
      ...kafkaRebalances.judge(value).map((finding) => groupFinding(finding, value)),
      ...(config.value === undefined ? [] : kafkaConsumerConfig.judge(config.value).map(configFinding(config.value))),
      ...doubledFinding(redelivered),
    ];
    const unread = value.groups.filter(({ state }) => !state.known).length + value.missing.length;
    // A group that is mapped and not there is none.
    const nothing = unread === 0 && value.groups.every(({ state }) => state.known && state.value === 'Dead');
    // A line that the target lacks is no question there; one that could not be read is one without an answer.
    const isUnanswered = unreadLines(config, redelivered).some((reason) => !reason.startsWith(notMapped));
    const calm = unread > 0 || nothing || isUnanswered ? 'unknown' : 'clean';
    return {
      status: findings.length > 0 ? 'finding' : calm,
      counts: countsOf(value, config.value, redelivered, { unread, findings }),
      findings,
      explanation: nothing
        ? { ko: '컨슈머 그룹이 없어 확인할 것이 없었습니다', en: 'there is no consumer group: nothing to check' }
        : explanationOf(value, config, redelivered, unread),
      next: findings.length === 0 ? [] : nextSteps,
    };
  },
};

interface ConfigRead {
  readonly value: KafkaConsumerConfig | undefined;
  readonly reason: string;
}

/** Why lines of the checklist have no answer. */
function unreadLines({ value, reason }: ConfigRead, { redelivered, doubled }: Redelivered): readonly string[] {
  const handler = value === undefined ? [reason] : value.workers.known ? [] : [value.workers.reason];
  return [...handler, ...[redelivered, doubled].flatMap((part) => (part.known ? [] : [part.reason]))];
}

/** One line of several: without it the others are answered still. */
async function configOf(target: Target, context: AskContext): Promise<ConfigRead> {
  try {
    return { value: await readValue(kafkaConsumerConfig, target, context), reason: '' };
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { value: undefined, reason: messageOf(error) };
  }
}

function groupFinding(finding: Finding, { groups }: KafkaRebalances): DiagnosisFinding {
  const [, name = '', kind = ''] = finding.key.split('.');
  const group = groups.find(({ role, groupId }) => (role ?? groupId).replaceAll('.', '_') === name);
  return { ...finding, kind, evidence: group === undefined ? [] : evidenceOf(group) };
}

const eventsShown = 20;

function evidenceOf(group: GroupRebalances): readonly EvidenceRow[] {
  const { groupId, state, generation, lastMinute, unstableMs, events } = group;
  return [
    {
      group: groupId,
      state: state.known ? state.value : `? ${state.reason}`,
      generation: generation.known ? generation.value : null,
      last_minute: lastMinute,
      unstable_ms: Math.round(unstableMs),
    },
    ...events.slice(-eventsShown).map(
      ({ kind, atMs, ...rest }): EvidenceRow => ({
        group: groupId,
        at: new Date(atMs).toISOString(),
        event: kind,
        ...rest,
      }),
    ),
  ];
}

const configFinding =
  ({ workers, groups }: KafkaConsumerConfig) =>
  (finding: Finding): DiagnosisFinding => {
    const [, name = '', kind = ''] = finding.key.split('.');
    const worker = (workers.known ? workers.value : []).find((one) => one.worker.replaceAll('.', '_') === name);
    const group = groups.find(({ groupId }) => groupId.replaceAll('.', '_') === name);
    const rows = [worker === undefined ? [] : [{ ...worker }], group === undefined ? [] : [{ ...group }]].flat();
    return { ...finding, kind, evidence: rows.map(flatRow) };
  };

/** Only plain values: an evidence row is name → value. */
const flatRow = (row: object): EvidenceRow =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) || value === null ? [[name, value]] : [],
    ),
  );

function doubledFinding(redelivered: Redelivered): readonly DiagnosisFinding[] {
  const { doubled } = redelivered;
  if (!doubled.known || doubled.value.length === 0) return [];
  return [
    {
      key: 'rebalance.doubled',
      kind: 'doubled',
      severity: 'critical',
      rung: 'effect journal',
      text: {
        ko: `다시 전달된 이벤트 ${doubled.value.length}건이 두 번 반영됨: 중복이 무해하지 않았음`,
        en: `${doubled.value.length} redelivered events were applied twice: the duplicates were not harmless`,
      },
      evidence: doubled.value.map(({ dedupKey, times }) => ({ dedup_key: dedupKey, times })),
    },
  ];
}

function countsOf(
  { groups }: KafkaRebalances,
  config: KafkaConsumerConfig | undefined,
  { redelivered, doubled, effects }: Redelivered,
  { unread, findings }: { readonly unread: number; readonly findings: readonly DiagnosisFinding[] },
): Answer['counts'] {
  const kinds = Map.groupBy(findings, ({ kind }) => kind);
  const read = readGroups(groups);
  return {
    groups: groups.length,
    unknown: unread,
    // Of none that could be read nothing is counted: 0 would be a made-up number.
    ...(read.length === 0
      ? {}
      : {
          members: read.reduce((sum, { members }) => sum + (members.known ? members.value.length : 0), 0),
          rebalancesLastMinute: read.reduce((sum, { lastMinute }) => sum + lastMinute, 0),
        }),
    ...(config?.workers.known ? { workersMeasured: config.workers.value.length } : {}),
    ...(redelivered.known ? { redelivered: redelivered.value } : {}),
    ...(effects.known ? { effectsChecked: effects.value } : {}),
    ...(doubled.known ? { doubledEffects: doubled.value.length } : {}),
    ...Object.fromEntries([...kinds].map(([kind, some]) => [kind, some.length])),
  };
}

const readGroups = (groups: KafkaRebalances['groups']): KafkaRebalances['groups'] =>
  groups.filter(({ state }) => state.known);

function explanationOf(
  { groups }: KafkaRebalances,
  config: ConfigRead,
  redelivered: Redelivered,
  unread: number,
): Text {
  const read = readGroups(groups);
  const rebalances = read.reduce((sum, { lastMinute }) => sum + lastMinute, 0);
  const lines = [
    handlerLine(config),
    read.length === 0
      ? {
          ko: `리밸런스: 알 수 없음 (그룹 ${groups.length}개를 모두 읽지 못함)`,
          en: `rebalances: unknown (none of ${groups.length} groups could be read)`,
        }
      : {
          ko: `리밸런스: 그룹 ${read.length}개에서 최근 1분에 ${rebalances}번${unread > 0 ? ` (${unread}곳은 읽지 못함)` : ''}`,
          en: `rebalances: ${rebalances} in the last minute in ${read.length} groups${unread > 0 ? ` (${unread} parts could not be read)` : ''}`,
        },
    duplicatesLine(redelivered),
  ];
  return { ko: `${lines.map(({ ko }) => ko).join('. ')}.`, en: `${lines.map(({ en }) => en).join('. ')}.` };
}

/** max.poll.interval.ms, session and heartbeat, and the size of a batch: kafkajs has the session timeout for the first. */
function handlerLine({ value, reason }: ConfigRead): Text {
  const workers = value?.workers.known ? value.workers.value : [];
  const slowest = workers.toSorted((a, b) => b.handlerMsMax - a.handlerMsMax)[0];
  if (slowest === undefined) {
    const untold = value?.workers.known === false ? value.workers.reason : 'no worker tells its handler times';
    const why = value === undefined ? reason : untold;
    return {
      ko: `처리 시간과 max.poll·session·배치 크기: 알 수 없음 (${why})`,
      en: `handler time against max.poll, session and batch size: unknown (${why})`,
    };
  }
  const share = `${slowest.worker} ${slowest.handlerMsMax} ms / ${slowest.sessionTimeoutMs} ms`;
  return {
    ko: `처리 시간과 max.poll·session·배치 크기: 워커 ${workers.length}개, 가장 느린 것 ${share}`,
    en: `handler time against max.poll, session and batch size: ${workers.length} workers, the slowest ${share}`,
  };
}

function duplicatesLine({ redelivered, doubled, effects }: Redelivered): Text {
  const again = redelivered.known ? String(redelivered.value) : `? (${redelivered.reason})`;
  if (!doubled.known)
    return {
      ko: `중복 무해화: 다시 전달 ${again}건, 두 번 반영되었는지는 알 수 없음 (${doubled.reason})`,
      en: `duplicates: ${again} redelivered; whether any was applied twice is unknown (${doubled.reason})`,
    };
  const checked = effects.known ? effects.value : 0;
  return {
    ko: `중복 무해화: 다시 전달 ${again}건, 최근 반영 ${checked}건 중 두 번 반영된 것 ${doubled.value.length}건`,
    en: `duplicates: ${again} redelivered; of the latest ${checked} effects ${doubled.value.length} were applied twice`,
  };
}

const nextSteps: Answer['next'] = [
  { text: { ko: '일어난 순서대로 보기', en: 'see what happened, in order' }, command: 'labctl get kafka.rebalances' },
  {
    text: { ko: '처리 시간과 타임아웃 비교하기', en: 'compare handler times with timeouts' },
    command: 'labctl get kafka.consumer-config',
  },
  { text: { ko: '그 사이 밀린 것 보기', en: 'see what was left waiting meanwhile' }, command: 'labctl diagnose lag' },
];
