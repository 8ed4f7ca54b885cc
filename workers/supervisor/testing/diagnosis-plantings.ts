import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import { enginePlantings } from './engine-plantings.ts';
import { outboxPlantings } from './outbox-plantings.ts';
import { adjust, appliedLeg, inTransaction, type Planting } from './planting.ts';
import { stackPlantings } from './stack-plantings.ts';

const copyEffect = (connection: PoolConnection, dedupKey: string) =>
  connection.query(
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
     SELECT dedup_key, account_id, account_seq, delta, partition_id, record_offset FROM applied_effect WHERE dedup_key = ?`,
    [dedupKey],
  );

const doubledEffect: Planting = {
  id: 'an effect applied twice',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const { dedupKey, delta } = await appliedLeg(connection, 1);
      await copyEffect(connection, dedupKey);
      await adjust(connection, 1, delta, 1);
      return { duplicates: `doubled.${dedupKey}`, projection: 'doubled.1', rebalance: 'rebalance.doubled' };
    }),
};

const copyInJournal: Planting = {
  id: 'a copy in the journal alone',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const { dedupKey } = await appliedLeg(connection, 2);
      await copyEffect(connection, dedupKey);
      return { duplicates: `doubled.${dedupKey}` };
    }),
};

const overcounted: Planting = {
  id: 'an effect that no journal row shows',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      await adjust(connection, 3, '100', 1);
      return { duplicates: 'overcounted.3', projection: 'doubled.3' };
    }),
};

const editedBalance: Planting = {
  id: 'a balance edited by hand',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      await adjust(connection, 4, '1', 0);
      return { projection: 'drifted.4' };
    }),
};

const removedEffect: Planting = {
  id: 'an effect that is gone',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const { dedupKey, delta } = await appliedLeg(connection, 5);
      await connection.query('DELETE FROM applied_effect WHERE dedup_key = ?', [dedupKey]);
      await connection.query('DELETE FROM processed_event WHERE dedup_key = ?', [dedupKey]);
      await adjust(connection, 5, String(-BigInt(delta)), -1);
      return { projection: 'missing.5', loss: `lost.${dedupKey} lostInConsumer` };
    }),
};

const legWithoutOutbox: Planting = {
  id: 'a ledger leg without outbox row',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const [[account]] = await connection.query<RowDataPacket[]>(
        'SELECT account_seq FROM account WHERE account_id = 6 FOR UPDATE',
      );
      const seq = String(BigInt(account?.account_seq ?? 0) + 1n);
      await connection.query(
        "INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta) VALUES ('planted-6', 6, ?, 7)",
        [seq],
      );
      await connection.query('UPDATE account SET balance = balance + 7, account_seq = ? WHERE account_id = 6', [seq]);
      return { projection: 'missing.6', loss: 'lost.planted-6:6 lostBeforeKafka' };
    }),
};

const editedAccount: Planting = {
  id: 'an account edited by hand',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      await connection.query('UPDATE account SET balance = balance + 5 WHERE account_id = 7');
      return { projection: 'account-drift.7' };
    }),
};

const aheadOfTheLedger: Planting = {
  id: 'a version ahead of the ledger',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      await connection.query('UPDATE account_projection SET version = version + 1000000 WHERE account_id = 8');
      return { projection: 'ahead.8' };
    }),
};

const orphan: Planting = {
  id: 'a projection without account',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      await connection.query(
        'INSERT INTO account_projection (account_id, balance, version, applied_count) VALUES (999999, 77, 0, 0)',
      );
      return { projection: 'orphan.999999' };
    }),
};

/** A new diagnosis adds its own. */
export const plantings: readonly Planting[] = [
  doubledEffect,
  copyInJournal,
  overcounted,
  editedBalance,
  removedEffect,
  legWithoutOutbox,
  editedAccount,
  aheadOfTheLedger,
  orphan,
  ...outboxPlantings,
  ...enginePlantings,
  ...stackPlantings,
];
