import type { RowDataPacket } from 'mysql2/promise';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { type Connection, errnoOf, type Pool } from '../../infra/mysql/pool.ts';
import { inTransaction } from '../../infra/mysql/transaction.ts';

/** An event and where it was read. */
export interface Delivery {
  readonly event: BalanceChanged;
  readonly partition: number;
  readonly offset: string;
}

export interface Applied {
  readonly applied: readonly BalanceChanged[];
  /** Already processed before, or twice in this batch: absorbed. */
  readonly redelivered: number;
  /** At or below folded_seq: a backfill has summed it up already. */
  readonly folded: number;
}

const duplicateKeyErrno = 1062;

/**
 * Applies deliveries of one partition in one transaction: processed_event, projection and effect journal together, so
 * that an effect and the proof that it happened are never apart. Rows are written in the order of their keys, so that
 * two batches lock them in the same order.
 * @throws mysql2's error, with nothing written.
 */
export async function applyBatch(
  pool: Pool,
  { consumer, topic, deliveries }: { consumer: string; topic: string; deliveries: readonly Delivery[] },
): Promise<Applied> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(pool, (connection) => apply(connection, { consumer, topic, deliveries }));
    } catch (error) {
      // The partition's previous owner committed the same events between our look and our insert: look again.
      if (errnoOf(error) !== duplicateKeyErrno || attempt === 3) throw error;
    }
  }
}

async function apply(
  connection: Connection,
  { consumer, topic, deliveries }: { consumer: string; topic: string; deliveries: readonly Delivery[] },
): Promise<Applied> {
  const fresh = await notYetProcessed(connection, consumer, deliveries);
  const redelivered = deliveries.length - fresh.length;
  if (fresh.length === 0) return { applied: [], redelivered, folded: 0 };
  const foldedSeq = await lockProjections(connection, fresh);
  const outcomes = fresh.map((delivery) => ({
    ...delivery,
    folded: delivery.event.accountSeq <= (foldedSeq.get(delivery.event.accountId) ?? 0n),
  }));
  await connection.query(
    'INSERT INTO processed_event (consumer, dedup_key, outcome, topic, partition_id, record_offset) VALUES ?',
    [
      outcomes
        .map(({ event, folded, partition, offset }) => [
          consumer,
          event.dedupKey,
          folded ? 'folded' : 'applied',
          topic,
          partition,
          offset,
        ])
        .sort(byDedupKey),
    ],
  );
  const effective = outcomes.filter(({ folded }) => !folded);
  if (effective.length > 0) await writeEffects(connection, effective);
  return {
    applied: effective.map(({ event }) => event),
    redelivered,
    folded: outcomes.length - effective.length,
  };
}

function byDedupKey(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[1]) < String(right[1]) ? -1 : 1;
}

/** The first delivery of each dedup_key that has no processed_event yet, in their order. */
async function notYetProcessed(
  connection: Connection,
  consumer: string,
  deliveries: readonly Delivery[],
): Promise<readonly Delivery[]> {
  const keys = deliveries.map(({ event }) => event.dedupKey);
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT dedup_key FROM processed_event WHERE consumer = ? AND dedup_key IN (?)',
    [consumer, keys],
  );
  const seen = new Set(rows.map((row) => String(row.dedup_key)));
  return deliveries.filter(({ event }) => {
    if (seen.has(event.dedupKey)) return false;
    seen.add(event.dedupKey);
    return true;
  });
}

/** Locks the projections of the batch in ascending order; a backfill folding one of them waits, or we wait for it. */
async function lockProjections(
  connection: Connection,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const accounts = [...new Set(deliveries.map(({ event }) => String(event.accountId)))];
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT account_id, folded_seq FROM account_projection WHERE account_id IN (?) ORDER BY account_id FOR UPDATE',
    [accounts],
  );
  return new Map(rows.map((row) => [BigInt(row.account_id), BigInt(row.folded_seq)]));
}

interface Sum {
  delta: bigint;
  version: bigint;
  count: number;
}

/** The projection *adds*: without the dedupe above, a redelivery would really double the balance. */
async function writeEffects(connection: Connection, deliveries: readonly Delivery[]): Promise<void> {
  const sums = new Map<bigint, Sum>();
  for (const { event } of deliveries) {
    const sum = sums.get(event.accountId) ?? { delta: 0n, version: 0n, count: 0 };
    sum.delta += event.delta;
    sum.version = event.accountSeq > sum.version ? event.accountSeq : sum.version;
    sum.count += 1;
    sums.set(event.accountId, sum);
  }
  const projections = [...sums]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([accountId, { delta, version, count }]) => [String(accountId), String(delta), String(version), count]);
  await connection.query(
    `INSERT INTO account_projection (account_id, balance, version, applied_count) VALUES ?
     ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance), version = GREATEST(version, VALUES(version)),
                             applied_count = applied_count + VALUES(applied_count)`,
    [projections],
  );
  await connection.query(
    'INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset) VALUES ?',
    [
      deliveries.map(({ event, partition, offset }) => [
        event.dedupKey,
        String(event.accountId),
        String(event.accountSeq),
        String(event.delta),
        partition,
        offset,
      ]),
    ],
  );
}
