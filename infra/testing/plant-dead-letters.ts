import { createHash } from 'node:crypto';
import type { Connection } from '../mysql/pool.ts';

/** A row of dlq_event, as far as a test cares. */
export interface PlantedDeadLetter {
  readonly class: string;
  readonly exception: string;
  readonly message: string;
  readonly eventType: string | null;
  readonly topic: string;
  readonly originOffset: number;
  readonly partition?: number;
  readonly offset?: number;
  readonly copies?: number;
  readonly dedupKey?: string | null;
  readonly deadSecondsAgo?: number;
  readonly indexedSecondsAgo?: number;
}

/** Rows as dlq-indexer writes them; the fingerprint stands for class, exception and event type. */
export async function plantDeadLetters(connection: Connection, letters: readonly PlantedDeadLetter[]): Promise<void> {
  const columns = [
    'topic, partition_id, record_offset, origin_topic, origin_partition, origin_offset, copies, dedup_key, event_id',
    'event_type, record_key, consumer, attempt, class, rule, exception, message, fingerprint, value_bytes',
    'failed_at, dead_at, indexed_at',
  ].join(', ');
  const ago = 'NOW(6) - INTERVAL ? SECOND';
  const row = `(${'?, '.repeat(19)}${ago}, ${ago}, ${ago})`;
  const rowsAtOnce = 500;
  for (let start = 0; start < letters.length; start += rowsAtOnce) {
    const some = letters.slice(start, start + rowsAtOnce);
    await connection.query(
      `INSERT INTO dlq_event (${columns}) VALUES ${some.map(() => row).join(', ')}`,
      some.flatMap(valuesOf),
    );
  }
}

function valuesOf(letter: PlantedDeadLetter): readonly (string | number | null)[] {
  const { originOffset, deadSecondsAgo = 600, indexedSecondsAgo = deadSecondsAgo } = letter;
  const kind = `${letter.class}\n${letter.exception}\n${letter.eventType ?? ''}`;
  return [
    letter.topic,
    letter.partition ?? 0,
    letter.offset ?? originOffset,
    'account.balance.v1',
    0,
    originOffset,
    letter.copies ?? 1,
    letter.dedupKey === undefined ? `tx-${originOffset}:1204` : letter.dedupKey,
    `event-${originOffset}`,
    letter.eventType,
    '1204',
    'balance-projector',
    1,
    letter.class,
    'planted',
    letter.exception,
    letter.message,
    createHash('sha256').update(kind).digest('hex').slice(0, 12),
    128,
    deadSecondsAgo + 1,
    deadSecondsAgo,
    indexedSecondsAgo,
  ];
}

/** Twenty things to die of, as a pipeline with several event types has them. */
export const twentyKinds: readonly Pick<PlantedDeadLetter, 'class' | 'exception' | 'message' | 'eventType'>[] = [
  ...[null, 'BalanceChanged', 'BalanceConverted', 'BalanceAdjusted'].map((eventType) => ({
    class: 'schema',
    exception: 'DecodeError',
    message: 'cannot be read as Avro: truncated buffer',
    eventType,
  })),
  ...['BalanceChanged', 'BalanceConverted', 'BalanceAdjusted', 'BalanceClosed'].map((eventType) => ({
    class: 'validation',
    exception: 'UnknownAccount',
    message: 'account 9000412 is not there',
    eventType,
  })),
  ...['BalanceChanged', 'BalanceConverted', 'BalanceAdjusted', 'BalanceClosed'].map((eventType) => ({
    class: 'transient',
    exception: 'DependencyUnavailable',
    message: 'fx-rates gave no answer within 2000 ms',
    eventType,
  })),
  ...['BalanceChanged', 'BalanceConverted', 'BalanceAdjusted', 'BalanceClosed'].map((eventType) => ({
    class: 'bug',
    exception: 'TypeError',
    message: "Cannot read properties of undefined (reading 'amount')",
    eventType,
  })),
  ...['BalanceChanged', 'BalanceConverted', '잔액.정정', 'BalanceClosed'].map((eventType) => ({
    class: 'unknown',
    exception: 'ER_DATA_OUT_OF_RANGE',
    message: "Out of range value for column 'balance' at row 1",
    eventType,
  })),
];
