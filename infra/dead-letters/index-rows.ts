import { z } from 'zod';
import type { ReadOnlyMysql } from '../mysql/read-only.ts';
import { printable } from '../text.ts';

/** A dead letter as it is indexed. Times are MySQL's text in UTC, offsets and ids decimal texts. */
export interface IndexedLetter {
  readonly id: string;
  readonly class: string;
  /** The rule that decided the class. */
  readonly rule: string;
  readonly exception: string;
  readonly message: string;
  readonly fingerprint: string;
  readonly eventType: string | null;
  readonly eventId: string | null;
  readonly dedupKey: string | null;
  readonly recordKey: string | null;
  readonly copies: number;
  /** Deliveries of the event, the last of which made it a dead letter. */
  readonly attempt: number;
  readonly consumer: string | null;
  /** Where its newest copy stands in the DLQ. */
  readonly place: Place;
  /** Where the consumer found it. */
  readonly origin: Place;
  readonly valueBytes: number;
  readonly failedAt: string | null;
  readonly deadAt: string;
  readonly deadAtMs: number;
  /** Since it died, by MySQL's clock; less than nothing where the clocks differ. */
  readonly ageMs: number;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** One failed delivery of an event. */
export interface Delivery {
  readonly consumer: string;
  readonly place: Place;
  readonly attempt: number;
  /** Where it went: `retry.5s`, `retry.1m`, `dlq`. */
  readonly rung: string;
  readonly class: string;
  readonly exception: string;
  readonly message: string;
  readonly dueAt: string | null;
  readonly failedAt: string;
}

/** What the consumer made of the event in the end. */
export interface Handled {
  readonly consumer: string;
  readonly outcome: string;
  readonly place: Place;
  readonly processedAt: string;
}

const text = z.string().transform(printable);
const letterRow = z
  .object({
    id: z.string(),
    class: text,
    rule: text,
    exception: text,
    message: text,
    fingerprint: text,
    event_type: text.nullable(),
    event_id: text.nullable(),
    dedup_key: text.nullable(),
    record_key: text.nullable(),
    consumer: text.nullable(),
    copies: z.coerce.number(),
    attempt: z.coerce.number(),
    topic: text,
    partition_id: z.coerce.number(),
    record_offset: z.string(),
    origin_topic: text,
    origin_partition: z.coerce.number(),
    origin_offset: z.string(),
    value_bytes: z.coerce.number(),
    failed_at: z.string().nullable(),
    dead_at: z.string(),
    dead_at_us: z.coerce.number(),
    age_us: z.coerce.number(),
  })
  .transform(
    (row): IndexedLetter => ({
      id: row.id,
      class: row.class,
      rule: row.rule,
      exception: row.exception,
      message: row.message,
      fingerprint: row.fingerprint,
      eventType: row.event_type,
      eventId: row.event_id,
      dedupKey: row.dedup_key,
      recordKey: row.record_key,
      copies: row.copies,
      attempt: row.attempt,
      consumer: row.consumer,
      place: { topic: row.topic, partition: row.partition_id, offset: row.record_offset },
      origin: { topic: row.origin_topic, partition: row.origin_partition, offset: row.origin_offset },
      valueBytes: row.value_bytes,
      failedAt: row.failed_at,
      deadAt: row.dead_at,
      deadAtMs: Math.round(row.dead_at_us / 1000),
      ageMs: row.age_us / 1000,
    }),
  );

/** UNION, not OR: each half by its own index. An event without a key is found by the offset it failed at. */
const deliverySql = `
  SELECT * FROM delivery_failure WHERE dedup_key = ?
  UNION
  SELECT * FROM delivery_failure WHERE consumer = ? AND topic = ? AND partition_id = ? AND record_offset = ?
  ORDER BY failed_at, attempt LIMIT ?`;

const deliveryRow = z
  .object({
    consumer: text,
    topic: text,
    partition_id: z.coerce.number(),
    record_offset: z.string(),
    attempt: z.coerce.number(),
    rung: text,
    class: text,
    exception: text,
    message: text,
    due_at: z.string().nullable(),
    failed_at: z.string(),
  })
  .transform(
    (row): Delivery => ({
      consumer: row.consumer,
      place: { topic: row.topic, partition: row.partition_id, offset: row.record_offset },
      attempt: row.attempt,
      rung: row.rung,
      class: row.class,
      exception: row.exception,
      message: row.message,
      dueAt: row.due_at,
      failedAt: row.failed_at,
    }),
  );

const handledRow = z
  .object({
    consumer: text,
    outcome: z.string(),
    topic: text,
    partition_id: z.coerce.number(),
    record_offset: z.string(),
    processed_at: z.string(),
  })
  .transform(
    (row): Handled => ({
      consumer: row.consumer,
      outcome: row.outcome,
      place: { topic: row.topic, partition: row.partition_id, offset: row.record_offset },
      processedAt: row.processed_at,
    }),
  );

const letterColumns = `*, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', dead_at) AS dead_at_us,
  TIMESTAMPDIFF(MICROSECOND, dead_at, NOW(6)) AS age_us`;

/** The newest letters first. @throws what ReadOnlyMysql throws. */
export async function newestLetters(
  mysql: ReadOnlyMysql,
  { limit, className }: { readonly limit: number; readonly className?: string | undefined },
): Promise<readonly IndexedLetter[]> {
  const ofClass = className === undefined ? '' : 'WHERE class = ?';
  const sql = `SELECT ${letterColumns} FROM dlq_event ${ofClass} ORDER BY id DESC LIMIT ?`;
  return mysql.query(sql, [...(className === undefined ? [] : [className]), limit], letterRow);
}

/** @returns undefined where there is no such row. @throws what ReadOnlyMysql throws. */
export async function letterOf(mysql: ReadOnlyMysql, id: string): Promise<IndexedLetter | undefined> {
  const [letter] = await mysql.query(`SELECT ${letterColumns} FROM dlq_event WHERE id = ?`, [id], letterRow);
  return letter;
}

/** More deliveries of one event nobody reads; the oldest come first. */
const deliveriesMax = 100;

/** Each time the event failed, the first one first. */
export async function deliveriesOf(mysql: ReadOnlyMysql, letter: IndexedLetter): Promise<readonly Delivery[]> {
  const { dedupKey, consumer, origin } = letter;
  return mysql.query(
    deliverySql,
    [dedupKey, consumer, origin.topic, origin.partition, origin.offset, deliveriesMax],
    deliveryRow,
  );
}

/** Whether its consumer has handled the event all the same: a replay, or another copy. */
export async function handledOf(
  mysql: ReadOnlyMysql,
  { dedupKey, consumer }: IndexedLetter,
): Promise<readonly Handled[]> {
  if (dedupKey === null || consumer === null) return [];
  const sql = 'SELECT * FROM processed_event WHERE consumer = ? AND dedup_key = ? ORDER BY processed_at';
  return mysql.query(sql, [consumer, dedupKey], handledRow);
}
