import type { Kafka, Producer } from 'kafkajs';
import { headersOf } from '../contract/headers.ts';
import { utcDateTime } from '../mysql/date-time.ts';
import type { Connection } from '../mysql/pool.ts';
import { commitOffsets } from './commit-offsets.ts';

/** One event as the pipeline's tables and its topic have it, planted step by step: by SQL and a plain producer. */
export interface PlantedEvent {
  readonly tx: string;
  readonly account: number;
  readonly seq: number;
  readonly delta: number;
  readonly createdAtMs: number;
}

export const keyOf = ({ tx, account }: Pick<PlantedEvent, 'tx' | 'account'>): string => `${tx}:${account}`;

/** Accounts whose events go round and round: tx `t1` is the first leg of the first account. */
export function eventsOf(
  count: number,
  {
    accounts = 10,
    createdAtMs,
    prefix = 't',
    firstSeq = 1,
  }: { accounts?: number; createdAtMs: number; prefix?: string; firstSeq?: number },
): readonly PlantedEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    tx: `${prefix}${index + 1}`,
    account: 1 + (index % accounts),
    seq: firstSeq + Math.floor(index / accounts),
    delta: index % 2 === 0 ? 100 : -40,
    createdAtMs,
  }));
}

export async function plantLegs(connection: Connection, events: readonly PlantedEvent[]): Promise<void> {
  await insert(
    connection,
    'ledger_entry (tx_id, account_id, account_seq, delta, created_at)',
    events.map((event) => [event.tx, event.account, event.seq, event.delta, utcDateTime(event.createdAtMs)]),
  );
  await connection.query(
    `INSERT INTO account (account_id, balance, account_seq)
     SELECT account_id, SUM(delta), MAX(account_seq) FROM ledger_entry GROUP BY account_id
     ON DUPLICATE KEY UPDATE balance = VALUES(balance), account_seq = VALUES(account_seq)`,
  );
}

export async function plantOutbox(
  connection: Connection,
  events: readonly PlantedEvent[],
  status = 'PENDING',
): Promise<void> {
  await insert(
    connection,
    'outbox_event (event_id, dedup_key, event_type, account_id, payload, status, created_at)',
    events.map((event) => [
      `e-${keyOf(event)}`.slice(0, 36),
      keyOf(event),
      'BalanceChanged',
      event.account,
      '{}',
      status,
      utcDateTime(event.createdAtMs),
    ]),
  );
}

export interface Place {
  readonly partition: number;
  readonly offset: string;
}

/** Sends each event to the partition `account % 6`. @returns where each stands, in their order. */
export async function produce(
  producer: Producer,
  topic: string,
  events: readonly PlantedEvent[],
): Promise<readonly Place[]> {
  const byPartition = Map.groupBy(events, ({ account }) => account % 6);
  const places = new Map<string, Place>();
  for (const [partition, some] of byPartition) {
    const messages = some.map((event) => ({
      partition,
      key: String(event.account),
      value: Buffer.from(keyOf(event)),
      timestamp: String(event.createdAtMs),
      headers: headersOf({
        eventType: 'BalanceChanged',
        eventId: `e-${keyOf(event)}`,
        dedupKey: keyOf(event),
        schemaVersion: 1,
      }),
    }));
    const [sent] = await producer.send({ topic, acks: -1, messages });
    const base = BigInt(sent?.baseOffset ?? 0);
    for (const [index, event] of some.entries())
      places.set(keyOf(event), { partition, offset: String(base + BigInt(index)) });
  }
  return events.map((event) => places.get(keyOf(event)) ?? { partition: 0, offset: '0' });
}

export async function markSent(
  connection: Connection,
  events: readonly PlantedEvent[],
  places: readonly Place[],
): Promise<void> {
  for (const [index, event] of events.entries()) {
    const place = places[index];
    await connection.query(
      `UPDATE outbox_event SET status = 'SENT', sent_at = NOW(6), sent_partition = ?, sent_offset = ? WHERE dedup_key = ?`,
      [place?.partition, place?.offset, keyOf(event)],
    );
  }
}

/** Effect, processed_event and projection in one transaction, as the projector writes them. */
export async function applyEvents(
  connection: Connection,
  events: readonly PlantedEvent[],
  places: readonly Place[],
  topic = 'account.balance.v1',
): Promise<void> {
  await connection.beginTransaction();
  const placed = events.map((event, index) => ({ event, place: places[index] ?? { partition: 0, offset: '0' } }));
  await insert(
    connection,
    'processed_event (consumer, dedup_key, outcome, topic, partition_id, record_offset)',
    placed.map(({ event, place }) => [
      'balance-projector',
      keyOf(event),
      'applied',
      topic,
      place.partition,
      place.offset,
    ]),
  );
  await insert(
    connection,
    'applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)',
    placed.map(({ event, place }) => [
      keyOf(event),
      event.account,
      event.seq,
      event.delta,
      place.partition,
      place.offset,
    ]),
  );
  for (const { event } of placed) {
    await connection.query(
      `INSERT INTO account_projection (account_id, balance, version, applied_count) VALUES (?, ?, ?, 1)
       ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance), version = GREATEST(version, VALUES(version)), applied_count = applied_count + 1`,
      [event.account, event.delta, event.seq],
    );
  }
  await connection.commit();
}

/** As the group commits what it has done: the next offset of each partition. */
export async function commitPlaces(
  kafka: Kafka,
  of: { readonly groupId: string; readonly topic: string },
  places: readonly Place[],
): Promise<void> {
  const next = new Map<number, bigint>();
  for (const { partition, offset } of places) {
    const behind = BigInt(offset) + 1n;
    if (behind > (next.get(partition) ?? 0n)) next.set(partition, behind);
  }
  await commitOffsets(
    kafka,
    of,
    [...next].map(([partition, offset]) => ({ partition, offset: String(offset) })),
  );
}

async function insert(
  connection: Connection,
  into: string,
  rows: readonly (readonly (string | number)[])[],
): Promise<void> {
  const rowsAtOnce = 500;
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    await connection.query(`INSERT INTO ${into} VALUES ?`, [rows.slice(start, start + rowsAtOnce)]);
  }
}
