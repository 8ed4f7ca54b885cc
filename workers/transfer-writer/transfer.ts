import { randomUUID } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { type BalanceChanged, toOutboxPayload, toRawOutboxPayload } from '../../infra/contract/envelope.ts';
import type { Pool } from '../../infra/mysql/pool.ts';
import { inTransaction, type TransactionOptions } from '../../infra/mysql/transaction.ts';
import { type PlantedClass, plantedEventType } from '../domain/planting.ts';
import { eventOf, legsInLockOrder, type Transfer } from '../domain/transfer.ts';

/** The transfer names an account that does not exist: nothing was written. */
export class UnknownAccount extends Error {
  override name = 'UnknownAccount';
}

/** The leg whose event the projector will not be able to handle. */
export interface PlantedLeg {
  readonly accountId: bigint;
  readonly class: PlantedClass;
}

/** Of an account that has no row to count in. */
const firstSeq = 1n;
/** No registry frame begins with this byte. */
const undecodable = Buffer.from([0xde, 0xad, 0xbe, 0xef]);

function payloadOf(event: BalanceChanged, planted: PlantedLeg | undefined): string {
  return planted?.class === 'schema' && planted.accountId === event.accountId
    ? toRawOutboxPayload(Buffer.concat([undecodable, Buffer.from(event.dedupKey)]))
    : toOutboxPayload(event);
}

/**
 * Commits one transfer: both balances, both ledger legs and both outbox rows, in one transaction.
 * @throws UnknownAccount; CommitOutcomeUnknown; mysql2's error otherwise, with everything rolled back.
 */
export async function commitTransfer(
  pool: Pool,
  transfer: Transfer,
  {
    atMs,
    planted,
    ...retry
  }: TransactionOptions & { readonly atMs: number; readonly planted?: PlantedLeg | undefined },
): Promise<void> {
  const legs = legsInLockOrder(transfer);
  const accounts = legs.map(({ accountId }) => String(accountId));
  await inTransaction(
    pool,
    async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>(
        `/* tx=${transfer.txId} */ SELECT account_id, account_seq FROM account
         WHERE account_id IN (?) ORDER BY account_id FOR UPDATE`,
        [accounts],
      );
      if (rows.length !== legs.length - (planted?.class === 'validation' ? 1 : 0))
        throw new UnknownAccount(`accounts ${accounts.join(', ')}: ${rows.length} exist`);
      const sequences = new Map(rows.map((row) => [BigInt(row.account_id), BigInt(row.account_seq) + 1n]));
      const events = legs.map((leg) =>
        eventOf(leg, {
          txId: transfer.txId,
          eventId: randomUUID(),
          accountSeq: sequences.get(leg.accountId) ?? firstSeq,
          atMs,
          eventType: plantedEventType(leg.accountId === planted?.accountId ? planted.class : undefined),
        }),
      );
      const [first, second] = events as [BalanceChanged, BalanceChanged];
      await connection.query(
        `UPDATE account SET account_seq = account_seq + 1, balance = balance + IF(account_id = ?, ?, ?)
         WHERE account_id IN (?)`,
        [String(first.accountId), String(first.delta), String(second.delta), accounts],
      );
      await connection.query('INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta) VALUES ?', [
        events.map((event) => [event.txId, String(event.accountId), String(event.accountSeq), String(event.delta)]),
      ]);
      await connection.query(
        'INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload) VALUES ?',
        [
          events.map((event) => [
            event.eventId,
            event.dedupKey,
            event.eventType,
            String(event.accountId),
            payloadOf(event, planted),
          ]),
        ],
      );
    },
    retry,
  );
}
