import { type Clock, systemClock } from '../clock.ts';
import { type Connection, errnoOf, isConnectionLoss, type Pool, type PoolConnection } from './pool.ts';

/** The connection broke between COMMIT and its answer: committed or not, the caller cannot know. */
export class CommitOutcomeUnknown extends Error {
  override name = 'CommitOutcomeUnknown';
}

/**
 * 1213 deadlock, 1205 lock wait timeout, 1020 record changed since the snapshot (MariaDB). 1205 leaves the transaction
 * open with its earlier writes, so that in all three the *whole* transaction is rolled back and run again.
 * https://dev.mysql.com/doc/refman/9.5/en/innodb-error-handling.html
 */
export const retriableErrnos: ReadonlySet<number> = new Set([1213, 1205, 1020]);

export interface TransactionOptions {
  readonly attempts?: number;
  readonly clock?: Clock;
  /** Called before each retry, with the errno that caused it, and waited for. */
  readonly onRetry?: (errno: number) => void | Promise<void>;
  /** 0 ≤ random() < 1; full jitter between retries. */
  readonly random?: () => number;
}

/**
 * Runs `work` between START TRANSACTION and COMMIT; retries the whole of it on deadlock or lock wait timeout.
 * @throws CommitOutcomeUnknown when the connection broke during COMMIT; otherwise what `work` throws, rolled back.
 */
export async function inTransaction<T>(
  source: Pool | Connection,
  work: (connection: Connection) => Promise<T>,
  { attempts = 5, clock = systemClock, onRetry, random = Math.random }: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(source, work);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined || !retriableErrnos.has(errno) || attempt >= attempts) throw error;
      await onRetry?.(errno);
      await clock.sleep(random() * 20 * 2 ** attempt);
    }
  }
}

async function once<T>(source: Pool | Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
  const pooled = 'getConnection' in source ? await source.getConnection() : undefined;
  const connection = pooled ?? (source as Connection);
  let broken = false;
  try {
    await connection.query('START TRANSACTION');
    const result = await work(connection);
    try {
      await connection.query('COMMIT');
    } catch (error) {
      throw isConnectionLoss(error)
        ? new CommitOutcomeUnknown('COMMIT was sent, no answer came', { cause: error })
        : error;
    }
    return result;
  } catch (error) {
    broken = !(await rolledBack(connection));
    throw error;
  } finally {
    release(pooled, broken);
  }
}

async function rolledBack(connection: Connection): Promise<boolean> {
  try {
    await connection.query('ROLLBACK');
    return true;
  } catch {
    return false; // the connection is gone, and the server rolls back by itself
  }
}

function release(connection: PoolConnection | undefined, broken: boolean): void {
  if (broken) connection?.destroy();
  else connection?.release();
}
