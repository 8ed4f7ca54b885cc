import type { ByTopic, PartitionOffsets } from '../../kafka/read-offsets.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import type { Metadata } from '../../kafka/wire/metadata.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import type { KafkaGroupLag } from './group-lag.ts';
import type { LagOffsets } from './group-lag-partition.ts';

/** A log start moves when retention or an operator deletes. */
const everyMs = 5_000;

type Watermarks = ByTopic<PartitionOffsets<'lastStable' | 'highWatermark'>>;

interface Since {
  readonly previous: KafkaGroupLag | undefined;
  readonly nowMs: number;
  /** The one by which the watermarks were read. */
  readonly cluster: Metadata;
  /** Whether a group reads there. */
  isRead(topic: string, partition: number): boolean;
}

/** The watermarks with the log starts, asked for now and then, and at once where one is missing. One request a leader. */
export async function readLogStarts(
  kafka: KafkaReader,
  watermarks: Watermarks,
  { previous, nowMs, cluster, isRead }: Since,
): Promise<{ readonly offsets: ByTopic<LagOffsets>; readonly readAtMs: number }> {
  const before = startsOf(previous);
  const readAtMs = previous?.logStartsReadAtMs ?? nowMs;
  const lacks = [...watermarks].some(
    ([topic, partitions]) =>
      partitions.known &&
      partitions.value.some(
        (one) =>
          isRead(topic, one.partition) && one.offsets.highWatermark.known && standing(topic, one, before) === undefined,
      ),
  );
  if (!lacks && (nowMs - readAtMs < everyMs || !kafka.hasRoom()))
    return { offsets: joined(watermarks, (topic, one) => standing(topic, one, before)), readAtMs };
  const topics = [...watermarks.keys()];
  const read = await kafka.pace.optionally(() => kafka.offsets(topics, ['logStart'], cluster));
  const now = new Map(
    [...read].flatMap(([topic, partitions]) =>
      partitions.known
        ? partitions.value.map(({ partition, offsets }) => [`${topic}/${partition}`, offsets.logStart] as const)
        : [],
    ),
  );
  return { offsets: joined(watermarks, (topic, { partition }) => now.get(`${topic}/${partition}`)), readAtMs: nowMs };
}

const startsOf = (previous: KafkaGroupLag | undefined): ReadonlyMap<string, Part<bigint>> =>
  new Map(
    previous?.groups.flatMap(({ topic, partitions }) =>
      partitions.known
        ? partitions.value.map(({ partition, logStart }) => [`${topic}/${partition}`, logStart] as const)
        : [],
    ),
  );

/** The one read before, while it can be true: a log start beyond the end is that of a topic which was made anew. */
function standing(
  topic: string,
  { partition, offsets: { highWatermark } }: PartitionOffsets<'lastStable' | 'highWatermark'>,
  before: ReadonlyMap<string, Part<bigint>>,
): Part<bigint> | undefined {
  const start = before.get(`${topic}/${partition}`);
  if (start?.known !== true) return undefined;
  return highWatermark.known && start.value > highWatermark.value ? undefined : start;
}

function joined(
  watermarks: Watermarks,
  startOf: (topic: string, one: PartitionOffsets<'lastStable' | 'highWatermark'>) => Part<bigint> | undefined,
): ByTopic<LagOffsets> {
  return new Map(
    [...watermarks].map(([topic, partitions]) => [
      topic,
      partitions.known
        ? known(
            partitions.value.map((one): LagOffsets => {
              // Who cannot tell its end cannot tell its start either.
              const { highWatermark } = one.offsets;
              const unread = highWatermark.known ? unknownPart<bigint>('not read yet') : highWatermark;
              return { ...one, offsets: { ...one.offsets, logStart: startOf(topic, one) ?? unread } };
            }),
          )
        : partitions,
    ]),
  );
}
