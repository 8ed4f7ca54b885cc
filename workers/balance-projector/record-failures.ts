import type { RowDataPacket } from 'mysql2/promise';
import { utcDateTime } from '../../infra/mysql/date-time.ts';
import type { Connection } from '../../infra/mysql/pool.ts';
import type { FailedDelivery, Origin } from './failure.ts';

export interface FailureBatch {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** Offsets of the batch's first and last record. */
  readonly span: readonly [first: string, last: string];
  /** Where the records that come from the ladder failed before. */
  readonly earlier: readonly Origin[];
}

/**
 * Writes down what failed, and settles what was known of these records and of their earlier deliveries. An event climbs
 * the ladder once: when another copy of it (its relay or a forwarder died between send and commit) has failed at the same
 * attempt, this one is noted as a duplicate and goes no further.
 * @returns those that go on to a rung or to the DLQ.
 */
export async function recordFailures(
  connection: Connection,
  batch: FailureBatch,
  failures: readonly FailedDelivery[],
): Promise<readonly FailedDelivery[]> {
  await settle(connection, batch);
  const elsewhere = await failedElsewhere(connection, batch.consumer, failures);
  const onward = failures.filter((failure) => !elsewhere.has(failure));
  const rows = failures.map((failure) => rowOf(batch.consumer, failure, elsewhere.has(failure)));
  if (rows.length > 0) await write(connection, rows);
  return onward;
}

/** Copies of an event whose failure at this attempt is written down at another offset already, or earlier in the list. */
async function failedElsewhere(
  connection: Connection,
  consumer: string,
  failures: readonly FailedDelivery[],
): Promise<ReadonlySet<FailedDelivery>> {
  const followed = failures.filter(({ dedupKey, isReplayed }) => dedupKey !== undefined && !isReplayed);
  if (followed.length === 0) return new Set();
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT dedup_key, attempt, topic, partition_id, record_offset FROM delivery_failure
     WHERE dedup_key IN (?) AND consumer = ? AND rung <> ?`,
    [followed.map(({ dedupKey }) => dedupKey), consumer, duplicateRung],
  );
  const placesOf = Map.groupBy(
    rows.map((row) => ({ event: `${row.dedup_key} ${row.attempt}`, place: placeText(row) })),
    ({ event }) => event,
  );
  const duplicates = new Set<FailedDelivery>();
  const seen = new Set<string>();
  for (const failure of followed) {
    const event = `${failure.dedupKey} ${failure.attempt}`;
    const own = `${failure.topic}/${failure.partition}/${failure.offset}`;
    if (seen.has(event) || placesOf.get(event)?.some(({ place }) => place !== own)) duplicates.add(failure);
    else seen.add(event);
  }
  return duplicates;
}

const placeText = (row: RowDataPacket): string => `${row.topic}/${row.partition_id}/${row.record_offset}`;

/** In delivery_failure.rung: it went nowhere. */
const duplicateRung = 'duplicate';

/** Whatever comes now, the events are not where their earlier deliveries, or a killed try of this very batch, left them. */
async function settle(
  connection: Connection,
  { consumer, topic, partition, span, earlier }: FailureBatch,
): Promise<void> {
  await connection.query(
    `UPDATE delivery_failure SET settled_at = NOW(6)
     WHERE consumer = ? AND topic = ? AND partition_id = ? AND record_offset BETWEEN ? AND ? AND settled_at IS NULL`,
    [consumer, topic, partition, ...span],
  );
  if (earlier.length === 0) return;
  await connection.query(
    `UPDATE delivery_failure SET settled_at = NOW(6)
     WHERE consumer = ? AND settled_at IS NULL AND (topic, partition_id, record_offset) IN (?)`,
    [consumer, earlier.map((origin) => [origin.topic, origin.partition, origin.offset])],
  );
}

function rowOf(consumer: string, failure: FailedDelivery, isDuplicate: boolean): readonly (string | number | null)[] {
  const goesNowhere = isDuplicate || failure.dueAtMs === undefined;
  return [
    consumer,
    failure.topic,
    failure.partition,
    failure.offset,
    failure.dedupKey ?? null,
    failure.attempt,
    isDuplicate ? duplicateRung : failure.rung,
    failure.class,
    failure.exception,
    failure.message,
    goesNowhere ? null : utcDateTime(failure.dueAtMs ?? 0),
    goesNowhere ? utcDateTime(failure.failedAtMs) : null,
  ];
}

/** One row a delivery, in the order of offsets; the same offset delivered again overwrites what was known of it. */
async function write(connection: Connection, rows: readonly (readonly (string | number | null)[])[]): Promise<void> {
  await connection.query(
    `INSERT INTO delivery_failure
       (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at,
        settled_at)
     VALUES ?
     ON DUPLICATE KEY UPDATE attempt = VALUES(attempt), rung = VALUES(rung), class = VALUES(class),
       exception = VALUES(exception), message = VALUES(message), due_at = VALUES(due_at),
       settled_at = VALUES(settled_at), failed_at = NOW(6)`,
    [rows.toSorted((left, right) => (BigInt(left[3] ?? 0) < BigInt(right[3] ?? 0) ? -1 : 1))],
  );
}
