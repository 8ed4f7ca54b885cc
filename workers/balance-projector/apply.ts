import type { KafkaMessage } from 'kafkajs';
import type { RowDataPacket } from 'mysql2/promise';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { type Connection, errnoOf, type Pool } from '../../infra/mysql/pool.ts';
import { inTransaction } from '../../infra/mysql/transaction.ts';
import type { FailedDelivery } from './failure.ts';
import { type FailureBatch, recordFailures } from './record-failures.ts';

/** A decoded record of one partition. */
export interface Delivery {
  readonly event: BalanceChanged;
  readonly message: Pick<KafkaMessage, 'offset'>;
}

/** Decoded records of one partition, what already failed of them, and how the others are judged. */
export interface Batch<D extends Delivery> extends FailureBatch {
  readonly deliveries: readonly D[];
  /** Records that are no events: written down with those that fail here. */
  readonly undecodable: readonly FailedDelivery[];
  /** Looks at an event that was not processed yet. @returns its failure; undefined when it may be applied. */
  judge(delivery: D, accountExists: (accountId: bigint) => boolean): FailedDelivery | undefined;
}

export interface Applied {
  readonly applied: readonly BalanceChanged[];
  /** Already processed before, or twice in this batch: absorbed. */
  readonly redelivered: number;
  /** At or below folded_seq: a backfill has summed it up already. */
  readonly folded: number;
  /** Written to delivery_failure, and still to be published. */
  readonly failed: readonly FailedDelivery[];
  /** Failed too, and noted as copies of events that are on the ladder or dead already. */
  readonly duplicateFailures: number;
}

const duplicateKeyErrno = 1062;

/**
 * Applies deliveries of one partition in one transaction: processed_event, projection and effect journal together, so
 * that an effect and the proof that it happened are never apart; and what failed, so that it is known before it is
 * published. Rows are written in the order of their keys, so that two batches lock them in the same order.
 * @param onRetry called before the transaction is run again, with the errno that ended it.
 * @throws mysql2's error, with nothing written.
 */
export async function applyBatch<D extends Delivery>(
  pool: Pool,
  batch: Batch<D>,
  onRetry: (errno: number) => Promise<void> = async () => {},
): Promise<Applied> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(pool, (connection) => apply(connection, batch), { onRetry });
    } catch (error) {
      // The partition's previous owner committed the same events between our look and our insert: look again.
      if (errnoOf(error) !== duplicateKeyErrno || attempt === 3) throw error;
    }
  }
}

async function apply<D extends Delivery>(connection: Connection, batch: Batch<D>): Promise<Applied> {
  const { consumer, deliveries, undecodable } = batch;
  const fresh = await notYetProcessed(connection, consumer, deliveries);
  const { good, failed } = await judged(connection, batch, fresh);
  const failures = [...undecodable, ...failed];
  const onward = await recordFailures(connection, batch, failures);
  const outcome = {
    redelivered: deliveries.length - good.length - failed.length,
    failed: onward,
    duplicateFailures: failures.length - onward.length,
  };
  if (good.length === 0) return { ...outcome, applied: [], folded: 0 };
  return { ...outcome, ...(await writeAll(connection, batch, good)) };
}

/**
 * Accounts are looked up once for all. Of several copies of an event the first good one is applied and absorbs the others;
 * a failing copy absorbs none: the others may be later deliveries of it, and each has its own way to go.
 */
async function judged<D extends Delivery>(
  connection: Connection,
  { judge }: Pick<Batch<D>, 'judge'>,
  fresh: readonly D[],
): Promise<{ readonly good: readonly D[]; readonly failed: readonly FailedDelivery[] }> {
  if (fresh.length === 0) return { good: [], failed: [] };
  const [rows] = await connection.query<RowDataPacket[]>('SELECT account_id FROM account WHERE account_id IN (?)', [
    accountsOf(fresh),
  ]);
  const existing = new Set(rows.map((row) => BigInt(row.account_id)));
  const good: D[] = [];
  const failed: FailedDelivery[] = [];
  const accepted = new Set<string>();
  for (const delivery of fresh) {
    const { dedupKey } = delivery.event;
    if (accepted.has(dedupKey)) continue;
    const failure = judge(delivery, (accountId) => existing.has(accountId));
    if (failure !== undefined) failed.push(failure);
    else {
      good.push(delivery);
      accepted.add(dedupKey);
    }
  }
  return { good, failed };
}

async function writeAll(
  connection: Connection,
  { consumer, topic, partition }: { consumer: string; topic: string; partition: number },
  deliveries: readonly Delivery[],
): Promise<Pick<Applied, 'applied' | 'folded'>> {
  const foldedSeq = await lockProjections(connection, deliveries);
  const outcomes = deliveries.map((delivery) => ({
    ...delivery,
    folded: delivery.event.accountSeq <= (foldedSeq.get(delivery.event.accountId) ?? 0n),
  }));
  await connection.query(
    'INSERT INTO processed_event (consumer, dedup_key, outcome, topic, partition_id, record_offset) VALUES ?',
    [
      outcomes
        .map(({ event, folded, message }) => [
          consumer,
          event.dedupKey,
          folded ? 'folded' : 'applied',
          topic,
          partition,
          message.offset,
        ])
        .sort(byDedupKey),
    ],
  );
  const effective = outcomes.filter(({ folded }) => !folded);
  if (effective.length > 0) await writeEffects(connection, partition, effective);
  return { applied: effective.map(({ event }) => event), folded: outcomes.length - effective.length };
}

function byDedupKey(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[1]) < String(right[1]) ? -1 : 1;
}

/** Deliveries whose dedup_key has no processed_event yet, in their order. */
async function notYetProcessed<D extends Delivery>(
  connection: Connection,
  consumer: string,
  deliveries: readonly D[],
): Promise<readonly D[]> {
  if (deliveries.length === 0) return [];
  const keys = deliveries.map(({ event }) => event.dedupKey);
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT dedup_key FROM processed_event WHERE consumer = ? AND dedup_key IN (?)',
    [consumer, keys],
  );
  const processed = new Set(rows.map((row) => String(row.dedup_key)));
  return deliveries.filter(({ event }) => !processed.has(event.dedupKey));
}

/** Locks the projections of the batch in ascending order; a backfill folding one of them waits, or we wait for it. */
async function lockProjections(
  connection: Connection,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT account_id, folded_seq FROM account_projection WHERE account_id IN (?) ORDER BY account_id FOR UPDATE',
    [accountsOf(deliveries)],
  );
  return new Map(rows.map((row) => [BigInt(row.account_id), BigInt(row.folded_seq)]));
}

function accountsOf(deliveries: readonly Delivery[]): readonly string[] {
  return [...new Set(deliveries.map(({ event }) => String(event.accountId)))];
}

interface Sum {
  delta: bigint;
  version: bigint;
  count: number;
}

/** The projection *adds*: without the dedupe above, a redelivery would really double the balance. */
async function writeEffects(connection: Connection, partition: number, deliveries: readonly Delivery[]): Promise<void> {
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
      deliveries.map(({ event, message }) => [
        event.dedupKey,
        String(event.accountId),
        String(event.accountSeq),
        String(event.delta),
        partition,
        message.offset,
      ]),
    ],
  );
}
