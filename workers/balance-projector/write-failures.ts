import { utcDateTime } from '../../infra/mysql/date-time.ts';
import type { Connection } from '../../infra/mysql/pool.ts';
import type { FailedDelivery } from './failure.ts';

/** One row a delivery; the same offset delivered again overwrites what was known of it. */
export async function writeFailures(
  connection: Connection,
  consumer: string,
  failures: readonly FailedDelivery[],
): Promise<void> {
  if (failures.length === 0) return;
  await connection.query(
    `INSERT INTO delivery_failure
       (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at,
        settled_at)
     VALUES ?
     ON DUPLICATE KEY UPDATE attempt = VALUES(attempt), rung = VALUES(rung), class = VALUES(class),
       exception = VALUES(exception), message = VALUES(message), due_at = VALUES(due_at), settled_at = VALUES(settled_at),
       failed_at = NOW(6)`,
    [
      failures
        .toSorted((left, right) => (BigInt(left.offset) < BigInt(right.offset) ? -1 : 1))
        .map((failure) => [
          consumer,
          failure.topic,
          failure.partition,
          failure.offset,
          failure.dedupKey ?? null,
          failure.attempt,
          failure.rung,
          failure.class,
          failure.exception,
          failure.message,
          failure.dueAtMs === undefined ? null : utcDateTime(failure.dueAtMs),
          failure.dueAtMs === undefined ? utcDateTime(failure.failedAtMs) : null,
        ]),
    ],
  );
}

/** The deliveries before these: whatever comes now, the event is not where they left it. */
export async function settleEarlier(
  connection: Connection,
  consumer: string,
  origins: readonly { readonly topic: string; readonly partition: number; readonly offset: string }[],
): Promise<void> {
  if (origins.length === 0) return;
  await connection.query(
    `UPDATE delivery_failure SET settled_at = NOW(6)
     WHERE consumer = ? AND settled_at IS NULL AND (topic, partition_id, record_offset) IN (?)`,
    [consumer, origins.map(({ topic, partition, offset }) => [topic, partition, offset])],
  );
}
