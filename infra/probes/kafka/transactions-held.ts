import type { PartitionOffsets } from '../../kafka/read-offsets.ts';
import type { RecordPlace } from '../../kafka/read-records.ts';
import type { ActiveProducer } from '../../kafka/wire/describe-producers.ts';
import type { Target } from '../../target.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import { groupsAt } from './transactions-groups.ts';
import { watchedTopics } from './watched-topics.ts';

/** A partition whose last stable offset is below its high watermark. */
export interface HeldPartition {
  readonly topic: string;
  readonly partition: number;
  /** Node id. */
  readonly leader: number | undefined;
  readonly lastStable: bigint;
  readonly highWatermark: bigint;
  /** Those with a transaction open here, the first to begin first. */
  readonly producers: Part<readonly ActiveProducer[]>;
  /** Groups of the role map that read this topic; where none is named, those of the cluster that have committed here. */
  readonly groups: Part<readonly WaitingGroup[]>;
}

export interface WaitingGroup {
  readonly groupId: string;
  /** null: never committed here. */
  readonly committed: Part<bigint | null>;
  /** Records it will not be given while it reads committed; 0 for one that has gone past: it reads uncommitted. */
  readonly waits: Part<bigint>;
}

export interface HeldPartitions {
  readonly held: readonly HeldPartition[];
  readonly checked: number;
  readonly unknown: readonly { readonly where: string; readonly reason: string }[];
}

export type Gap = Omit<HeldPartition, 'producers' | 'groups'>;

/** Narrow first: producers are asked for only where something is held. @throws EngineError when no broker answers. */
export async function readHeld(target: Target): Promise<HeldPartitions> {
  const { kafka } = target;
  const topics = watchedTopics(target) ?? (await kafka.metadata(null)).topics.map(({ topic }) => topic);
  const looks: Look[] = [...(await kafka.offsets(topics, ['lastStable', 'highWatermark']))].flatMap(
    ([topic, partitions]) =>
      partitions.known ? partitions.value.map((one) => lookAt(topic, one)) : lookless(topic, partitions.reason),
  );
  const gaps = looks.flatMap((look) =>
    'gap' in look && look.gap.lastStable < look.gap.highWatermark ? [look.gap] : [],
  );
  const unknown = looks.flatMap((look) => ('gap' in look ? [] : [look]));
  return { held: await withWhoAndWhom(target, gaps), checked: looks.length - unknown.length, unknown };
}

type Look = { readonly gap: Gap } | { readonly where: string; readonly reason: string };

const lookless = (where: string, reason: string): readonly Look[] => [{ where, reason }];

function lookAt(
  topic: string,
  { partition, leader, offsets: { lastStable, highWatermark } }: PartitionOffsets<'lastStable' | 'highWatermark'>,
): Look {
  const where = `${topic}/${partition}`;
  if (!lastStable.known) return { where, reason: lastStable.reason };
  if (!highWatermark.known) return { where, reason: highWatermark.reason };
  return { gap: { topic, partition, leader, lastStable: lastStable.value, highWatermark: highWatermark.value } };
}

async function withWhoAndWhom(target: Target, gaps: readonly Gap[]): Promise<readonly HeldPartition[]> {
  if (gaps.length === 0) return [];
  const [producers, waiting] = await Promise.all([openProducers(target, gaps), groupsAt(target, gaps)]);
  return gaps
    .map((gap) => ({
      ...gap,
      producers: producers.get(`${gap.topic}/${gap.partition}`) ?? unknownPart<never>('not in the answer'),
      groups: waiting(gap),
    }))
    .sort((left, right) => compare(recordsIn(right), recordsIn(left)));
}

/** By `topic/partition`: those with an open transaction, the first to begin first. */
export async function openProducers(
  { kafka }: Target,
  places: readonly { readonly topic: string; readonly partition: number }[],
): Promise<ReadonlyMap<string, Part<readonly ActiveProducer[]>>> {
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  const wanted = [...byTopic].map(([topic, ones]) => ({
    topic,
    partitions: [...new Set(ones.map(({ partition }) => partition))],
  }));
  const told = await kafka.producers(wanted);
  return new Map(
    told.map(({ topic, partition, producers }) => [
      `${topic}/${partition}`,
      producers.known
        ? known(
            producers.value
              .filter(({ startOffset }) => startOffset >= 0n)
              .sort((left, right) => compare(left.startOffset, right.startOffset)),
          )
        : producers,
    ]),
  );
}

/** The first record that an open transaction holds back: where it begins, as far as producers were told. */
export function firstHeldBy(
  {
    producerId,
    holds,
  }: { readonly producerId: bigint; readonly holds: readonly { readonly topic: string; readonly partition: number }[] },
  held: readonly HeldPartition[],
): RecordPlace | undefined {
  const gap = held.find(({ topic, partition }) =>
    holds.some((one) => one.topic === topic && one.partition === partition),
  );
  if (gap === undefined) return undefined;
  const { topic, partition, lastStable, producers } = gap;
  const its = producers.known ? producers.value.find((one) => one.producerId === producerId) : undefined;
  return { topic, partition, offset: its?.startOffset ?? lastStable };
}

export const recordsIn = ({ highWatermark, lastStable }: Gap): bigint => highWatermark - lastStable;

const compare = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);
