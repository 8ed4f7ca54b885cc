import type { PartitionPosition } from '../kafka/read-positions.ts';
import type { FetchedBatch } from '../kafka/wire/record-batches.ts';
import type { Target } from '../target.ts';

/** What a consumer that reads committed skips at the end of a partition: offsets that are used up and never delivered. */
export interface AbortedStretch {
  readonly topic: string;
  readonly partition: number;
  /** The offsets that were looked at: [from, to). */
  readonly from: bigint;
  readonly to: bigint;
  /** It reaches the high watermark. */
  readonly isWhole: boolean;
  /** Records of transactions whose abort marker lies in the range. */
  readonly aborted: number;
  /** Their first and last offset. */
  readonly first: bigint;
  readonly last: bigint;
  readonly markers: number;
  /** Nothing behind this offset is ever delivered; equals `to` where the last offset is a record that counts. */
  readonly readableTo: bigint;
}

export interface LookedAt {
  readonly stretches: readonly AbortedStretch[];
  readonly offsets: bigint;
  readonly aborted: number;
  readonly markers: number;
  /** Partitions that could not be read. */
  readonly unknown: number;
}

/** So many offsets below the high watermark, and at most so many bytes of them, in one request a leader. */
const offsetsMax = 1_000n;
const bytesMax = 256 * 1024;
const partitionsMax = 60;

/** Reads the batch headers of each partition's end as read_uncommitted; records themselves are not looked at. @throws EngineError when no broker answers. */
export async function abortedStretches(
  { kafka }: Target,
  positions: readonly (Pick<PartitionPosition, 'partition' | 'logStart' | 'highWatermark'> & {
    readonly topic: string;
  })[],
): Promise<LookedAt> {
  const ranges = positions.slice(0, partitionsMax).flatMap(({ topic, partition, logStart, highWatermark }) => {
    if (logStart?.known !== true || !highWatermark.known || highWatermark.value <= logStart.value) return [];
    const from = highWatermark.value - offsetsMax;
    return [{ topic, partition, offset: from > logStart.value ? from : logStart.value, to: highWatermark.value }];
  });
  const told = await kafka.batches(ranges, bytesMax);
  const looks = told.flatMap(({ topic, partition, batches }) => {
    const range = ranges.find((one) => one.topic === topic && one.partition === partition);
    return range === undefined || !batches.known ? [] : [stretchOf(range, batches.value)];
  });
  return {
    stretches: looks.filter(({ aborted }) => aborted > 0),
    offsets: looks.reduce((sum, { from, to }) => sum + (to - from), 0n),
    aborted: looks.reduce((sum, { aborted }) => sum + aborted, 0),
    markers: looks.reduce((sum, { markers }) => sum + markers, 0),
    unknown: ranges.length - looks.length,
  };
}

interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly to: bigint;
}

/** A marker ends everything that its producer has in the partition up to it: that is aborted, or counts. */
export function stretchOf({ topic, partition, offset, to }: Range, batches: readonly FetchedBatch[]): AbortedStretch {
  const inRange = batches.filter(({ baseOffset, lastOffset }) => lastOffset >= offset && baseOffset < to);
  const data = inRange.filter(({ marker }) => marker === undefined);
  const isAborted = (batch: FetchedBatch): boolean => {
    if (!batch.isTransactional) return false;
    const end = inRange.find(
      ({ marker, producerId, baseOffset }) =>
        marker !== undefined && producerId === batch.producerId && baseOffset > batch.lastOffset,
    );
    return end?.marker === 'abort';
  };
  const aborted = data.filter(isAborted);
  // What is still open may yet count.
  const readable = data.filter((batch) => !isAborted(batch));
  const end = (inRange.at(-1)?.lastOffset ?? offset - 1n) + 1n;
  return {
    topic,
    partition,
    from: offset,
    to: end,
    isWhole: end >= to,
    aborted: aborted.reduce((sum, { recordCount }) => sum + recordCount, 0),
    first: aborted[0]?.baseOffset ?? end,
    last: aborted.at(-1)?.lastOffset ?? offset,
    markers: inRange.length - data.length,
    readableTo: (readable.at(-1)?.lastOffset ?? offset - 1n) + 1n,
  };
}
