import { randomUUID } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { type BalanceChanged, toOutboxPayload } from '../../infra/contract/envelope.ts';
import type { Pool } from '../../infra/mysql/pool.ts';
import { inTransaction, type TransactionOptions } from '../../infra/mysql/transaction.ts';
import { eventOf, legsInLockOrder, type Transfer } from '../domain/transfer.ts';

/** The transfer names an account that does not exist: nothing was written. */
export class UnknownAccount extends Error {
  override name = 'UnknownAccount';
}

/**
 * Commits one transfer: both balances, both ledger legs and both outbox rows, in one transaction.
 * @throws UnknownAccount; CommitOutcomeUnknown; mysql2's error otherwise, with everything rolled back.
 */
export async function commitTransfer(
  pool: Pool,
  transfer: Transfer,
  { atMs, ...retry }: TransactionOptions & { readonly atMs: number },
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
      if (rows.length !== legs.length)
        throw new UnknownAccount(`accounts ${accounts.join(', ')}: ${rows.length} exist`);
      const sequences = new Map(rows.map((row) => [BigInt(row.account_id), BigInt(row.account_seq) + 1n]));
      const events = legs.map((leg) =>
        eventOf(leg, {
          txId: transfer.txId,
          eventId: randomUUID(),
          accountSeq: sequences.get(leg.accountId) ?? 0n,
          atMs,
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
            toOutboxPayload(event),
          ]),
        ],
      );
    },
    retry,
  );
}
