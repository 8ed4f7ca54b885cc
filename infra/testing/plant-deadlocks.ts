import type { RowDataPacket } from 'mysql2/promise';
import { onTestFinished } from 'vitest';
import { waitFor } from '../clock.ts';
import { type Connection, errnoOf, mysqlConnection } from '../mysql/pool.ts';
import type { Endpoints } from '../stack/stack.ts';

/** Deadlocks and lock waits made by plain sessions, as any application makes them. */
export interface LockPlanting {
  /** A session of its own; `REPEATABLE READ` keeps gap locks. */
  session(isolation?: 'REPEATABLE READ' | 'READ COMMITTED'): Promise<Connection>;
  /** Starts a statement that must wait, and comes back when it does. */
  startWaiting(session: Connection, sql: string): Promise<Waiting>;
  /** By another session; what it says is the evidence. */
  admin: Connection;
}

export interface Waiting {
  /** The errno it ended with; undefined: it went through. */
  readonly done: Promise<number | undefined>;
}

/** Tables `planted_account` (ids 1 to 100) and `planted_dedupe` (one key, k90) in the database. */
export async function lockPlanting(endpoint: Endpoints['mysql'], database: string): Promise<LockPlanting> {
  const open: Connection[] = [];
  onTestFinished(async () => {
    for (const connection of open) connection.destroy();
  });
  const connect = async (): Promise<Connection> => {
    const connection = await mysqlConnection({ endpoint, database, owner: 'planted' });
    open.push(connection);
    return connection;
  };
  const admin = await connect();
  await admin.query('CREATE TABLE planted_account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL)');
  await admin.query('INSERT INTO planted_account VALUES ?', [
    Array.from({ length: 100 }, (_, index) => [index + 1, 0]),
  ]);
  await admin.query(
    'CREATE TABLE planted_dedupe (id BIGINT AUTO_INCREMENT PRIMARY KEY, dedup_key VARCHAR(32) NOT NULL, UNIQUE KEY uk_key (dedup_key))',
  );
  await admin.query("INSERT INTO planted_dedupe (dedup_key) VALUES ('k90')");
  return {
    admin,
    async session(isolation = 'READ COMMITTED') {
      const connection = await connect();
      await connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}`);
      await connection.query('SET SESSION innodb_lock_wait_timeout = 60, lock_wait_timeout = 60');
      return connection;
    },
    async startWaiting(session, sql) {
      const done = session.query(sql).then(
        () => undefined,
        (error) => errnoOf(error) ?? -1,
      );
      await waitFor(`session ${session.threadId} to wait`, () => isWaiting(admin, session.threadId), {
        timeoutMs: 20_000,
        // InnoDB's list of transactions is a copy that is renewed only when nobody read it for 100 ms.
        intervalMs: 150,
      });
      return { done };
    },
  };
}

async function isWaiting(admin: Connection, pid: number): Promise<boolean> {
  const [rows] = await admin.query<RowDataPacket[]>(
    `SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ? AND trx_state = 'LOCK WAIT'
     UNION ALL SELECT 1 FROM performance_schema.threads WHERE PROCESSLIST_ID = ? AND PROCESSLIST_STATE LIKE 'Waiting for %lock'`,
    [pid, pid],
  );
  return rows.length > 0;
}

export const addTo = (id: number): string => `UPDATE planted_account SET balance = balance + 1 WHERE id = ${id}`;
export const insertKey = (key: string, ignore = ''): string =>
  `INSERT ${ignore}INTO planted_dedupe (dedup_key) VALUES ('${key}')`;

/** Two transactions: `first` and `second` of each, the second ones crossing. @returns the errnos of the second ones. */
async function cross(
  planting: LockPlanting,
  [a, b]: readonly [Connection, Connection],
  statements: { readonly first: readonly [string, string]; readonly second: readonly [string, string] },
): Promise<readonly (number | undefined)[]> {
  const { first, second } = statements;
  await a.query('START TRANSACTION');
  await b.query('START TRANSACTION');
  await a.query(first[0]);
  await b.query(first[1]);
  const waiting = await planting.startWaiting(a, second[0]);
  const closing = await b.query(second[1]).then(
    () => undefined,
    (error) => errnoOf(error) ?? -1,
  );
  await b.query('ROLLBACK');
  const waited = await waiting.done;
  await a.query('ROLLBACK');
  return [waited, closing];
}

type Pair = readonly [Connection, Connection];

/** a takes 7 then 9, b takes 9 then 7. */
export const deadlockAbba = (planting: LockPlanting, pair: Pair) =>
  cross(planting, pair, { first: [addTo(7), addTo(9)], second: [addTo(9), addTo(7)] });

/** Both lock a key that is not there, then insert into the gap. Needs REPEATABLE READ. */
export const deadlockGap = (planting: LockPlanting, pair: Pair) => {
  const look = (key: string): string => `SELECT * FROM planted_dedupe WHERE dedup_key = '${key}' FOR UPDATE`;
  return cross(planting, pair, { first: [look('k10'), look('k11')], second: [insertKey('k10'), insertKey('k11')] });
};

/** The same two keys in opposite order. */
export const deadlockDuplicate = (planting: LockPlanting, pair: Pair) =>
  cross(planting, pair, {
    first: [insertKey('m1', 'IGNORE '), insertKey('m2', 'IGNORE ')],
    second: [insertKey('m2', 'IGNORE '), insertKey('m1', 'IGNORE ')],
  });

/** Both read the row shared, then want to change it. */
export const deadlockUpgrade = (planting: LockPlanting, pair: Pair) => {
  const share = 'SELECT * FROM planted_account WHERE id = 5 FOR SHARE';
  return cross(planting, pair, { first: [share, share], second: [addTo(5), addTo(5)] });
};
