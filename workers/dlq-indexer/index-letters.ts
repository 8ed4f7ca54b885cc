import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { utcDateTime } from '../../infra/mysql/date-time.ts';
import type { Connection, Pool } from '../../infra/mysql/pool.ts';
import { inTransaction } from '../../infra/mysql/transaction.ts';
import type { PartitionOffset, TopicPartition } from '../host/offset-commits.ts';
import type { DeadLetter } from './dead-letter.ts';

/** This consumer's name in consumer_offset. */
export const consumer = 'dlq-indexer';

/**
 * Where each partition begins: at the offset kept beside the index, at the topic's start where there is none yet, and
 * where the topic ends before that offset for long: it was made anew, and nothing in it was ever indexed.
 * @param endOf the high watermark. @param isAnew asked about each partition that ends before its stored offset.
 * @throws Error while that may still be a new leader that has not caught up with its own high watermark.
 */
export async function storedOffsets(
  pool: Pick<Pool, 'query'>,
  assigned: readonly TopicPartition[],
  {
    endOf,
    isAnew,
  }: { readonly endOf: (place: TopicPartition) => bigint; readonly isAnew: (place: TopicPartition) => boolean },
): Promise<readonly PartitionOffset[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    'SELECT topic, partition_id, next_offset FROM consumer_offset WHERE consumer = ?',
    [consumer],
  );
  const positions: PartitionOffset[] = [];
  for (const place of assigned) {
    const row = rows.find((one) => one.topic === place.topic && Number(one.partition_id) === place.partition);
    const stored = BigInt(row?.next_offset ?? 0);
    const endsBefore = stored > endOf(place);
    if (endsBefore && !isAnew(place)) throw new Error(`${place.topic}/${place.partition} ends before ${stored}`);
    if (endsBefore) {
      await pool.query(
        'UPDATE consumer_offset SET next_offset = 0 WHERE consumer = ? AND topic = ? AND partition_id = ?',
        [consumer, place.topic, place.partition],
      );
    }
    positions.push({ ...place, offset: String(endsBefore ? 0n : stored) });
  }
  return positions;
}

/**
 * Indexes dead letters of one partition exactly once: rows and the partition's next offset in one transaction, under the
 * lock of that offset's row. What lies below it was indexed before, whoever did it. A second letter of one origin is a
 * copy.
 * @param onRetry called before the transaction is run again, with the errno that ended it.
 * @returns how many of them were new to the index, and how many were copies.
 * @throws mysql2's error, with nothing written.
 */
export async function indexLetters(
  pool: Pool,
  { topic, partition }: TopicPartition,
  letters: readonly DeadLetter[],
  onRetry: (errno: number) => void = () => {},
): Promise<{ readonly indexed: number; readonly copies: number }> {
  const index = async (connection: Connection): Promise<{ readonly indexed: number; readonly copies: number }> => {
    const next = await lockedOffset(connection, { topic, partition });
    const fresh = letters.filter(({ offset }) => BigInt(offset) >= next);
    const last = fresh.at(-1);
    if (last === undefined) return { indexed: 0, copies: 0 };
    const copies = await insert(connection, fresh);
    await settleOrigins(connection, fresh);
    await connection.query(
      'UPDATE consumer_offset SET next_offset = ? WHERE consumer = ? AND topic = ? AND partition_id = ?',
      [String(BigInt(last.offset) + 1n), consumer, topic, partition],
    );
    return { indexed: fresh.length - copies, copies };
  };
  return inTransaction(pool, index, { onRetry });
}

async function lockedOffset(connection: Connection, { topic, partition }: TopicPartition): Promise<bigint> {
  await connection.query(
    'INSERT IGNORE INTO consumer_offset (consumer, topic, partition_id, next_offset) VALUES (?, ?, ?, 0)',
    [consumer, topic, partition],
  );
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT next_offset FROM consumer_offset WHERE consumer = ? AND topic = ? AND partition_id = ? FOR UPDATE',
    [consumer, topic, partition],
  );
  return BigInt(rows[0]?.next_offset ?? 0);
}

/** A dead letter is the end of its delivery, whoever sent it here. */
async function settleOrigins(connection: Connection, letters: readonly DeadLetter[]): Promise<void> {
  const origins = letters.flatMap(({ consumer: failedIn, origin }) =>
    failedIn === null ? [] : [[failedIn, origin.topic, origin.partition, origin.offset]],
  );
  if (origins.length === 0) return;
  await connection.query(
    `UPDATE delivery_failure SET settled_at = NOW(6)
     WHERE settled_at IS NULL AND (consumer, topic, partition_id, record_offset) IN (?)`,
    [origins],
  );
}

const columns = `topic, partition_id, record_offset, origin_topic, origin_partition, origin_offset, dedup_key, event_id,
  event_type, record_key, consumer, attempt, class, rule, exception, message, fingerprint, value_bytes, failed_at, dead_at`;

/** @returns how many were copies: an upsert counts one affected row for a new row and two for one that was there. */
async function insert(connection: Connection, letters: readonly DeadLetter[]): Promise<number> {
  const [result] = await connection.query<ResultSetHeader>(
    `INSERT INTO dlq_event (${columns}) VALUES ?
     ON DUPLICATE KEY UPDATE copies = copies + 1, topic = VALUES(topic), partition_id = VALUES(partition_id),
       record_offset = VALUES(record_offset)`,
    [letters.map(rowOf)],
  );
  return result.affectedRows - letters.length;
}

function rowOf(letter: DeadLetter): readonly (string | number | null)[] {
  const { origin } = letter;
  return [
    letter.topic,
    letter.partition,
    letter.offset,
    origin.topic,
    origin.partition,
    origin.offset,
    letter.dedupKey,
    letter.eventId,
    letter.eventType,
    letter.recordKey,
    letter.consumer,
    letter.attempt,
    letter.class,
    letter.rule,
    letter.exception,
    letter.message,
    letter.fingerprint,
    letter.valueBytes,
    letter.failedAtMs === null ? null : utcDateTime(letter.failedAtMs),
    utcDateTime(letter.deadAtMs),
  ];
}
