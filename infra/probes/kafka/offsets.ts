import type { ByTopic } from '../../kafka/read-offsets.ts';
import type { PartitionPosition } from '../../kafka/read-positions.ts';
import { kafkaCommand, quoted } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, type Part, type Total, total, unknownPart } from '../reading.ts';
import { type Progress, progressAfter, stillMs } from './group-progress.ts';
import { judgeOffsets } from './offsets-findings.ts';
import { watchedTopics } from './watched-topics.ts';

export interface KafkaOffsets {
  readonly topics: readonly TopicOffsets[];
  readonly logStartReadAtMs: number;
}

export interface TopicOffsets {
  readonly topic: string;
  /** Unknown where the topic is missing or forbidden. */
  readonly partitions: Part<readonly PartitionState[]>;
  /** Records that an open transaction keeps from those who read committed. */
  readonly held: Total;
  /** Records that a leader has and its ISR does not yet. */
  readonly unreplicated: Total;
}

export interface PartitionState {
  readonly partition: number;
  /** Node id; undefined: none. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly logStart: Part<bigint>;
  /** Last stable offset: below it no transaction is open. */
  readonly lastStable: Part<bigint>;
  readonly highWatermark: Part<bigint>;
  /** Of the leader. */
  readonly logEnd: Part<bigint>;
  /** What each replica has yet to fetch; the leader's own is 0. */
  readonly logEnds: readonly ReplicaEnd[];
  /** Between the last stable offset and the high watermark. */
  readonly held: Standing;
  /** Between the high watermark and the log end. */
  readonly unreplicated: Standing;
}

export interface ReplicaEnd {
  readonly nodeId: number;
  readonly logEnd: Part<bigint>;
  readonly lag: Part<bigint>;
}

export interface Standing {
  readonly records: Part<bigint>;
  /** How long the lower end has not moved while records wait. */
  readonly stillMs: number;
  /** What the next reading continues from. */
  readonly progress: Progress | undefined;
}

const logStartEveryMs = 15_000;

export const kafkaOffsets: Probe<KafkaOffsets> = {
  id: 'kafka.offsets',
  title: { ko: '오프셋: 시작·LSO·HW·LEO', en: 'Offsets: start, LSO, HW, LEO' },
  cost: 'slow',
  timeoutMs: 10_000,
  async read(target, { previous, nowMs }) {
    const before = previous?.value;
    const logStart = before === undefined || nowMs - before.logStartReadAtMs >= logStartEveryMs;
    const read = await target.kafka.positions({ topics: watchedTopics(target), logStart });
    return {
      topics: [...read].map(([topic, partitions]) => topicOffsets(topic, partitions, { before, nowMs })),
      logStartReadAtMs: logStart ? nowMs : before.logStartReadAtMs,
    };
  },
  judge: judgeOffsets,
  numbers({ topics }) {
    const sum = (totals: readonly Total[]): number | undefined =>
      totals.every(({ unknown }) => unknown === 0)
        ? Number(totals.reduce((records, { atLeast }) => records + atLeast, 0n))
        : undefined;
    const [held, unreplicated] = [sum(topics.map((one) => one.held)), sum(topics.map((one) => one.unreplicated))];
    return { ...(held === undefined ? {} : { held }), ...(unreplicated === undefined ? {} : { unreplicated }) };
  },
  rows({ topics }) {
    return [
      ['TOPIC', 'PARTITION', 'LEADER', 'LOG START', 'LSO', 'HW', 'LEO', 'HELD', 'STILL S', 'REPLICA LEO'],
      ...topics.flatMap(({ topic, partitions }) =>
        partitions.known
          ? partitions.value.map((partition) => rowOf(topic, partition))
          : [[topic, '?', '?', '?', '?', '?', '?', '?', '?', partitions.reason]],
      ),
    ];
  },
  verifyWith(target, about) {
    const topics = watchedTopics(target);
    if (target.endpoints.kafka === undefined) return [];
    const one = topics?.[0] ?? about?.value?.topics[0]?.topic ?? '<topic>';
    const held = about?.value?.topics.flatMap(heldIn)[0];
    return [
      {
        command: kafkaCommand(target, 'kafka-get-offsets', `--topic ${quoted(one)} --time -2`),
        shows: { ko: '파티션마다 로그 시작', en: 'the log start of each partition' },
      },
      {
        command: kafkaCommand(target, 'kafka-get-offsets', `--topic ${quoted(one)} --time -1`),
        shows: { ko: '파티션마다 하이 워터마크', en: 'the high watermark of each partition' },
      },
      {
        command: kafkaCommand(
          target,
          'kafka-log-dirs',
          `--describe --topic-list ${quoted((topics ?? [one]).join(','))}`,
        ),
        shows: {
          ko: '복제본마다 offsetLag: 하이 워터마크 − 그 복제본의 LEO',
          en: 'offsetLag of each replica: high watermark − its own log end',
        },
      },
      ...(held === undefined
        ? []
        : [
            {
              command: kafkaCommand(
                target,
                'kafka-transactions',
                `describe-producers --topic ${quoted(held.topic)} --partition ${held.partition}`,
              ),
              shows: {
                ko: '가장 작은 CurrentTransactionStartOffset: LSO',
                en: 'the smallest CurrentTransactionStartOffset: the LSO',
              },
            },
          ]),
    ];
  },
};

const heldIn = ({
  topic,
  partitions,
}: TopicOffsets): readonly { readonly topic: string; readonly partition: number }[] =>
  (partitions.known ? partitions.value : [])
    .filter(({ held: { records } }) => records.known && records.value > 0n)
    .map(({ partition }) => ({ topic, partition }));

interface Since {
  readonly before: KafkaOffsets | undefined;
  readonly nowMs: number;
}

function topicOffsets(
  topic: string,
  partitions: ByTopic<PartitionPosition> extends ReadonlyMap<string, infer Value> ? Value : never,
  { before, nowMs }: Since,
): TopicOffsets {
  if (!partitions.known) {
    const none = total([unknownPart(partitions.reason)]);
    return { topic, partitions, held: none, unreplicated: none };
  }
  const earlier = before?.topics.find((one) => one.topic === topic)?.partitions;
  const byNumber = new Map((earlier?.known ? earlier.value : []).map((one) => [one.partition, one]));
  const states = partitions.value.map((position) => stateOf(position, byNumber.get(position.partition), nowMs));
  return {
    topic,
    partitions: known(states),
    held: total(states.map(({ held }) => held.records)),
    unreplicated: total(states.map(({ unreplicated }) => unreplicated.records)),
  };
}

function stateOf(position: PartitionPosition, before: PartitionState | undefined, nowMs: number): PartitionState {
  const { partition, leader, replicas, isr, lastStable, highWatermark, logEnds } = position;
  const logEnd =
    logEnds.find(({ nodeId }) => nodeId === leader)?.logEnd ?? unknownPart<bigint>('the partition has no leader');
  return {
    partition,
    leader,
    replicas,
    isr,
    logStart: position.logStart ?? before?.logStart ?? unknownPart('not read yet'),
    lastStable,
    highWatermark,
    logEnd,
    logEnds: logEnds.map((end) => ({ ...end, lag: gapOf(end.logEnd, logEnd) })),
    held: standing({ low: lastStable, high: highWatermark }, before?.held.progress, nowMs),
    unreplicated: standing({ low: highWatermark, high: logEnd }, before?.unreplicated.progress, nowMs),
  };
}

function standing(
  { low, high }: { readonly low: Part<bigint>; readonly high: Part<bigint> },
  before: Progress | undefined,
  nowMs: number,
): Standing {
  // Unknown for a moment: what was remembered still holds when it is known again.
  const progress =
    low.known && high.known
      ? progressAfter(before, { committed: low.value, highWatermark: high.value }, nowMs)
      : before;
  const records = gapOf(low, high);
  return { records, stillMs: records.known ? stillMs(progress, nowMs) : 0, progress };
}

/** Asked a moment apart, the lower one may have overtaken the higher one: then nothing lies between them. */
function gapOf(low: Part<bigint>, high: Part<bigint>): Part<bigint> {
  if (!low.known) return low;
  if (!high.known) return high;
  return known(high.value > low.value ? high.value - low.value : 0n);
}

function rowOf(topic: string, state: PartitionState): readonly string[] {
  const text = (part: Part<bigint>): string => (part.known ? String(part.value) : '?');
  const { held, unreplicated } = state;
  return [
    topic,
    String(state.partition),
    state.leader === undefined ? 'none' : String(state.leader),
    ...[state.logStart, state.lastStable, state.highWatermark, state.logEnd, held.records].map(text),
    (Math.max(held.stillMs, unreplicated.stillMs) / 1000).toFixed(0),
    state.logEnds.map(({ nodeId, logEnd }) => `${nodeId}:${text(logEnd)}`).join(' '),
  ];
}
