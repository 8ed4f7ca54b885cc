import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import type { Laboratory } from './laboratory.ts';

/**
 * One anomaly, planted by SQL into a pipeline under load. Each takes accounts of its own, so that all of them can stand at
 * once. A new diagnosis adds its own plantings here.
 */
export interface Planting {
  readonly id: string;
  /** @returns by diagnosis, the key of the finding that must name it. A diagnosis that is not here must not see it. */
  plant(lab: Laboratory): Promise<Readonly<Record<string, string>>>;
}

interface AppliedLeg {
  readonly dedupKey: string;
  readonly seq: string;
  readonly delta: string;
}

async function inTransaction<T>({ pool }: Laboratory, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    const result = await work(connection);
    await connection.commit();
    return result;
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
}

/** An early leg, long applied. The projection is locked, so that the projector waits until all of it is planted. */
async function appliedLeg(connection: PoolConnection, account: number): Promise<AppliedLeg> {
  await connection.query('SELECT 1 FROM account_projection WHERE account_id = ? FOR UPDATE', [account]);
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT dedup_key, account_seq, delta FROM applied_effect WHERE account_id = ? ORDER BY account_seq LIMIT 1 OFFSET 2',
    [account],
  );
  if (row === undefined) throw new Error(`account ${account} has too few effects`);
  return { dedupKey: String(row.dedup_key), seq: String(row.account_seq), delta: String(row.delta) };
}

const copyEffect = (connection: PoolConnection, dedupKey: string) =>
  connection.query(
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
     SELECT dedup_key, account_id, account_seq, delta, partition_id, record_offset FROM applied_effect WHERE dedup_key = ?`,
    [dedupKey],
  );

const adjust = (connection: PoolConnection, account: number, amount: string, count: number) =>
  connection.query(
    'UPDATE account_projection SET balance = balance + ?, applied_count = applied_count + ? WHERE account_id = ?',
    [amount, count, account],
  );

const doubledEffect: Planting = {
  id: 'an effect applied twice',
  plant: (lab) =>
    inTransaction(lab, async (connection) => {
      const { dedupKey, delta } = await appliedLeg(connection, 1);
      await copyEffect(connection, dedupKey);
      await adjust(connection, 1, delta, 1);
      return { duplicates: `doubled.${dedupKey}`, projection: 'doubled.1' };
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
      return { projection: 'missing.5' };
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
      return { projection: 'missing.6' };
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
];
