import type { KafkaReader } from '../../kafka/reader.ts';
import { unknownFor } from '../../kafka/wire/request.ts';
import { kafkaCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import { judgeIsr } from './isr-findings.ts';
import {
  type IsrEvent,
  type IsrState,
  isrEvents,
  isrStates,
  type PartitionHealth,
  partitionHealths,
  type SeenIsr,
} from './isr-read.ts';
import { internalTopics, watchedTopics } from './watched-topics.ts';

export interface KafkaIsr {
  readonly atMs: number;
  readonly topics: number;
  readonly partitions: number;
  /** Topics of which the brokers told nothing. */
  readonly unknownTopics: readonly { readonly topic: string; readonly reason: string }[];
  /** Partitions in each state; a partition can be in several. */
  readonly counts: Readonly<Record<IsrState, number>>;
  /** Those in any state, the worst first. */
  readonly affected: readonly PartitionHealth[];
  /** Topics whose min.insync.replicas could not be read: whether they are below it is unknown. */
  readonly minIsrUnknown: number;
  /** Kafka's own topics, where they are not among the watched ones. */
  readonly internal: readonly InternalHealth[];
  /** Since watching began, the newest last, at most `eventsMax`. */
  readonly events: readonly IsrEvent[];
  /** What the next reading continues from. */
  readonly seen: readonly SeenIsr[];
  readonly minIsr: MinIsrCache;
}

export interface InternalHealth {
  readonly topic: string;
  readonly partitions: number;
  readonly underReplicated: number;
  readonly leaderless: number;
}

interface MinIsrCache {
  readonly readAtMs: number;
  readonly topics: readonly { readonly topic: string; readonly minIsr: Part<number> }[];
}

const eventsMax = 200;
/** It changes when an operator changes it. */
const minIsrReadEveryMs = 30_000;

export const kafkaIsr: Probe<KafkaIsr> = {
  id: 'kafka.isr',
  title: { ko: '복제와 ISR', en: 'Replicas and ISR' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read(target, { previous, nowMs }) {
    const watched = watchedTopics(target);
    const wanted = watched === null ? null : [...watched, ...internalTopics];
    const { topics } = await target.kafka.metadata(wanted);
    const isWatched = (topic: string): boolean => watched === null || watched.includes(topic);
    const readable = topics.filter(({ errorCode, topic }) => errorCode === 0 && isWatched(topic));
    const names = readable.map(({ topic }) => topic);
    const minIsr = await minIsrOf(target.kafka, names, { cache: previous?.value.minIsr, nowMs });
    const byTopic = new Map(minIsr.topics.map((one) => [one.topic, one.minIsr]));
    const now = partitionHealths(readable, (topic) => byTopic.get(topic) ?? unknownPart('not read'), nowMs);
    return {
      atMs: nowMs,
      topics: readable.length,
      partitions: now.length,
      unknownTopics: topics
        .filter(({ errorCode, topic }) => errorCode !== 0 && isWatched(topic))
        .map(({ topic, errorCode }) => ({ topic, reason: reasonOf(errorCode) })),
      counts: countsOf(now),
      affected: withSince(now, previous?.value.affected ?? []),
      minIsrUnknown: names.filter((topic) => byTopic.get(topic)?.known !== true).length,
      internal: topics
        .filter(({ topic, errorCode }) => errorCode === 0 && !isWatched(topic))
        .map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.length,
          underReplicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
          leaderless: partitions.filter(({ leader }) => leader < 0).length,
        })),
      events: [...(previous?.value.events ?? []), ...isrEvents(previous?.value.seen ?? [], now, nowMs)].slice(
        -eventsMax,
      ),
      seen: now.map(({ topic, partition, isr }) => ({ topic, partition, isr })),
      minIsr,
    };
  },
  judge: judgeIsr,
  numbers({ counts, events }) {
    return {
      underReplicated: counts['under-replicated'],
      underMinIsr: counts['under-min-isr'],
      leaderless: counts.leaderless,
      shrinks: events.filter(({ kind }) => kind === 'shrink').length,
    };
  },
  rows({ partitions, affected, events, unknownTopics }) {
    return [
      ['STATE', 'TOPIC', 'PARTITION', 'LEADER', 'REPLICAS', 'ISR', 'MIN ISR'],
      ...affected.map((one) => [
        one.states.join(' '),
        one.topic,
        String(one.partition),
        one.leader === undefined ? 'none' : String(one.leader),
        one.replicas.join(','),
        one.isr.join(','),
        one.minIsr.known ? String(one.minIsr.value) : `? ${one.minIsr.reason}`,
      ]),
      ...unknownTopics.map(({ topic, reason }) => [`? ${reason}`, topic, '?', '?', '?', '?', '?']),
      ...(affected.length === 0 ? [['all in sync', '-', String(partitions), '-', '-', '-', '-']] : []),
      ...events.map(({ kind, topic, partition, brokers, atMs }) => [
        kind,
        topic,
        String(partition),
        '-',
        brokers.join(','),
        new Date(atMs).toISOString(),
        '-',
      ]),
    ];
  },
  verifyWith(target) {
    if (target.endpoints.kafka === undefined) return [];
    return [
      {
        command: kafkaCommand(target, 'kafka-topics', '--describe --under-replicated-partitions'),
        shows: { ko: '복제가 모자란 파티션', en: 'under-replicated partitions' },
      },
      {
        command: kafkaCommand(target, 'kafka-topics', '--describe --under-min-isr-partitions'),
        shows: { ko: 'ISR이 min.insync.replicas보다 적은 파티션', en: 'partitions below min.insync.replicas' },
      },
      {
        command: kafkaCommand(target, 'kafka-topics', '--describe --unavailable-partitions'),
        shows: { ko: '리더가 없는 파티션', en: 'partitions without a leader' },
      },
    ];
  },
};

function reasonOf(errorCode: number): string {
  const part = unknownFor(errorCode);
  return part.known ? '' : part.reason;
}

/** Read again now and then, and at once for a topic that is new. Who may not read settings still sees the rest. */
async function minIsrOf(
  kafka: KafkaReader,
  topics: readonly string[],
  { cache, nowMs }: { readonly cache: MinIsrCache | undefined; readonly nowMs: number },
): Promise<MinIsrCache> {
  const isFresh = cache !== undefined && nowMs - cache.readAtMs < minIsrReadEveryMs;
  const cached = new Set(cache?.topics.map(({ topic }) => topic));
  const hasAll = topics.every((topic) => cached.has(topic));
  // What is not asked for now comes with another reading.
  if (cache !== undefined && hasAll && (isFresh || !kafka.hasRoom())) return cache;
  const setting = 'min.insync.replicas';
  const settings = await kafka.pace.optionally(() => kafka.topicSettings(topics, [setting]));
  return {
    readAtMs: nowMs,
    topics: topics.map((topic) => {
      const found = settings.get(topic) ?? unknownPart('not in the answer');
      if (!found.known) return { topic, minIsr: found };
      const value = Number(found.value.get(setting) ?? Number.NaN);
      return { topic, minIsr: Number.isInteger(value) ? known(value) : unknownPart('not told') };
    }),
  };
}

function countsOf(now: readonly PartitionHealth[]): KafkaIsr['counts'] {
  const count = (state: IsrState): number => now.filter(({ states }) => states.includes(state)).length;
  return Object.fromEntries(isrStates.map((state) => [state, count(state)])) as Record<IsrState, number>;
}

/** The affected ones, the worst first, with since when each has been so. */
function withSince(now: readonly PartitionHealth[], before: readonly PartitionHealth[]): readonly PartitionHealth[] {
  const since = new Map(before.map(({ topic, partition, sinceMs }) => [`${topic}/${partition}`, sinceMs]));
  const rank = ({ states }: PartitionHealth): number => isrStates.findIndex((state) => states.includes(state));
  return now
    .filter(({ states }) => states.length > 0)
    .map((one) => ({ ...one, sinceMs: since.get(`${one.topic}/${one.partition}`) ?? one.sinceMs }))
    .sort((left, right) => rank(left) - rank(right));
}
