import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import type { DiagnosisFinding } from '../../../infra/diagnoses/diagnosis.ts';
import type { Laboratory } from './laboratory.ts';

/**
 * One anomaly, planted by SQL or the engine's own means into a pipeline under load. Each takes accounts of its own, so that
 * all of them can stand at once.
 */
export interface Planting {
  readonly id: string;
  /** @returns by diagnosis, the names (see `nameOf`) of the findings that must tell of it. A diagnosis that is not here must not see it. */
  plant(lab: Laboratory): Promise<Readonly<Record<string, string | readonly string[]>>>;
}

/** Loss has one key for all its kinds; a deadlock is named by its sessions. */
export function nameOf(diagnosis: string, { key, kind, evidence }: DiagnosisFinding): string {
  if (diagnosis === 'loss') return `${key} ${kind}`;
  if (diagnosis !== 'deadlock') return key;
  return [kind, ...evidence.map(({ session }) => String(session)).sort()].join(' ');
}

interface AppliedLeg {
  readonly dedupKey: string;
  readonly seq: string;
  readonly delta: string;
}

export async function inTransaction<T>(
  { pool }: Laboratory,
  work: (connection: PoolConnection) => Promise<T>,
): Promise<T> {
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

/** A leg of late that is applied, and others behind it. The projection is locked, so that the projector waits until all of it is planted. */
export async function appliedLeg(connection: PoolConnection, account: number): Promise<AppliedLeg> {
  await connection.query('SELECT 1 FROM account_projection WHERE account_id = ? FOR UPDATE', [account]);
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT dedup_key, account_seq, delta FROM applied_effect WHERE account_id = ? ORDER BY account_seq DESC LIMIT 1 OFFSET 3',
    [account],
  );
  if (row === undefined) throw new Error(`account ${account} has too few effects`);
  return { dedupKey: String(row.dedup_key), seq: String(row.account_seq), delta: String(row.delta) };
}

export const adjust = (connection: PoolConnection, account: number, amount: string, count: number) =>
  connection.query(
    'UPDATE account_projection SET balance = balance + ?, applied_count = applied_count + ? WHERE account_id = ?',
    [amount, count, account],
  );
