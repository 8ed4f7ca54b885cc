import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import { adjust, inTransaction, type Planting } from './planting.ts';

/** Two rows of an account, one behind the other, sent and applied not long ago. */
async function sentNeighbours(connection: PoolConnection, account: number): Promise<readonly [SentRow, SentRow]> {
  // The projector waits until all of it is planted.
  await connection.query('SELECT 1 FROM account_projection WHERE account_id = ? FOR UPDATE', [account]);
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT o.id, o.dedup_key, o.sent_offset, e.delta FROM outbox_event o JOIN applied_effect e USING (dedup_key)
     WHERE o.account_id = ? AND o.status = 'SENT' ORDER BY o.id DESC LIMIT 2 OFFSET 3`,
    [account],
  );
  const [later, earlier] = rows.map((row) => ({
    id: String(row.id),
    dedupKey: String(row.dedup_key),
    offset: String(row.sent_offset),
    delta: String(row.delta),
  }));
  if (later === undefined || earlier === undefined) throw new Error(`account ${account} has too few events`);
  return [earlier, later];
}

interface SentRow {
  readonly id: string;
  readonly dedupKey: string;
  readonly offset: string;
  readonly delta: string;
}

const setOffset = (connection: PoolConnection, id: string, offset: string) =>
  connection.query('UPDATE outbox_event SET sent_offset = ? WHERE id = ?', [offset, id]);

const cutOffInTheBroker: Planting = {
  id: 'an event that its log no longer holds',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const [{ id, dedupKey, delta }, later] = await sentNeighbours(connection, 10);
      await connection.query('DELETE FROM applied_effect WHERE dedup_key = ?', [dedupKey]);
      await connection.query('DELETE FROM processed_event WHERE dedup_key = ?', [dedupKey]);
      await adjust(connection, 10, String(-BigInt(delta)), -1);
      await setOffset(connection, id, '1000000000');
      // To the projection it is ahead of its consumer: only who asks the log can tell.
      return { loss: `lost.${dedupKey} lostInBroker`, outbox: `outbox.order.${later.id}` };
    }),
};

const outOfOrder: Planting = {
  id: 'two rows of a key sent the other way round',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const [earlier, later] = await sentNeighbours(connection, 12);
      await setOffset(connection, earlier.id, later.offset);
      await setOffset(connection, later.id, earlier.offset);
      return { outbox: `outbox.order.${later.id}` };
    }),
};

const deadRow: Planting = {
  id: 'a DEAD row that holds back another',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      await connection.query('INSERT INTO account (account_id, balance, account_seq) VALUES (999993, 3, 2)');
      await connection.query(
        `INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta)
         VALUES ('planted-dead', 999993, 1, 1), ('planted-behind', 999993, 2, 2)`,
      );
      await connection.query(
        `INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload, status, attempts, last_error)
         VALUES ('planted-dead', 'planted-dead:999993', 'BalanceChanged', 999993, '{}', 'DEAD', 5, 'planted'),
                ('planted-behind', 'planted-behind:999993', 'BalanceChanged', 999993, '{}', 'PENDING', 0, NULL)`,
      );
      const [[row]] = await connection.query<RowDataPacket[]>(
        "SELECT id FROM outbox_event WHERE dedup_key = 'planted-dead:999993'",
      );
      return { outbox: `outbox.dead.${row?.id}` };
    }),
};

export const outboxPlantings: readonly Planting[] = [cutOffInTheBroker, outOfOrder, deadRow];
