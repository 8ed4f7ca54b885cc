import { z } from 'zod';
import type { DeadLetterPositionsRole } from '../../contract/role-map.ts';
import { EngineError } from '../../errors.ts';
import type { PartitionOffsets } from '../../kafka/read-offsets.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import type { Target } from '../../target.ts';
import { type Progress, progressAfter, stillMs } from '../kafka/group-progress.ts';
import { known, notMapped, type Part, partOf, type Total, total, unknownPart } from '../reading.ts';

/** What lies between the DLQ's topic and its index. */
export interface Unindexed {
  readonly topic: string;
  /** Up to the high watermarks; partitions that nobody leads are unknown. */
  readonly records: Total;
  /** How long nothing was indexed although records wait, in the partition where that is longest. */
  readonly stillMs: number;
  readonly partitions: readonly UnindexedPartition[];
}

export interface UnindexedPartition {
  readonly partition: number;
  readonly records: Part<bigint>;
  /** What the next reading continues from. */
  readonly progress: Progress | undefined;
}

const aheadOfLog = 'the index is ahead of the topic, which was made anew: the indexer starts over when it is started';

const positionRow = z.object({ partition: z.coerce.number(), next_offset: z.coerce.bigint() });

/** Positions first, watermarks after: the other way round, an indexer that keeps up would be ahead of the log. */
export async function readUnindexed(
  { mysql, kafka, roles }: Pick<Target, 'mysql' | 'kafka' | 'roles'>,
  before: Part<Unindexed> | undefined,
  nowMs: number,
): Promise<Part<Unindexed>> {
  const { deadLetterPositions: role, topics } = roles;
  const topic = topics.dlq;
  if (role === undefined || topic === undefined) return unknownPart(notMapped);
  const positions = await partOf(readPositions(mysql, role, topic));
  if (!positions.known) return positions;
  const watermarks = await readWatermarks(kafka, topic);
  if (!watermarks.known) return watermarks;
  const partitions = watermarks.value.map(({ partition, offsets: { logStart, highWatermark } }) => {
    const earlier =
      before?.known === true ? before.value.partitions.find((one) => one.partition === partition) : undefined;
    const indexed = positions.value.get(partition);
    // What has expired is no longer there to be indexed.
    const position = indexed === undefined || (logStart.known && logStart.value > indexed) ? logStart : known(indexed);
    return unindexedIn({ partition, position, highWatermark, earlier: earlier?.progress, nowMs });
  });
  return known({
    topic,
    records: total(partitions.map(({ records }) => records)),
    stillMs: Math.max(0, ...partitions.map(({ progress }) => stillMs(progress, nowMs))),
    partitions,
  });
}

function unindexedIn(at: {
  readonly partition: number;
  readonly position: Part<bigint>;
  readonly highWatermark: Part<bigint>;
  readonly earlier: Progress | undefined;
  readonly nowMs: number;
}): UnindexedPartition {
  const { partition, position, highWatermark, earlier, nowMs } = at;
  // Unknown for a moment: what was remembered still holds when it is known again.
  if (!position.known) return { partition, records: position, progress: earlier };
  if (!highWatermark.known) return { partition, records: highWatermark, progress: earlier };
  const left = highWatermark.value - position.value;
  // Positions were read first, so an index ahead of the log means a topic that was made anew behind its back.
  if (left < 0n) return { partition, records: unknownPart(aheadOfLog), progress: earlier };
  return {
    partition,
    records: known(left),
    progress: progressAfter(earlier, { committed: position.value, highWatermark: highWatermark.value }, nowMs),
  };
}

async function readPositions(
  mysql: ReadOnlyMysql,
  { table, consumer, indexer, topic: topicColumn, partition, nextOffset }: DeadLetterPositionsRole,
  topic: string,
): Promise<ReadonlyMap<number, bigint>> {
  const sql = `SELECT ${quote(partition)} AS \`partition\`, ${quote(nextOffset)} AS next_offset FROM ${quote(table)}
    WHERE ${quote(consumer)} = ? AND ${quote(topicColumn)} = ?`;
  const rows = await mysql.query(sql, [indexer, topic], positionRow);
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}

async function readWatermarks(
  kafka: KafkaReader,
  topic: string,
): Promise<Part<readonly PartitionOffsets<'logStart' | 'highWatermark'>[]>> {
  try {
    const offsets = await kafka.offsets([topic], ['logStart', 'highWatermark']);
    return offsets.get(topic) ?? unknownPart('not in the answer');
  } catch (error) {
    // Without Kafka, what is indexed can still be read.
    if (error instanceof EngineError) return unknownPart(error.message);
    throw error;
  }
}
