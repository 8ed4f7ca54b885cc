import type { RowDataPacket } from 'mysql2/promise';
import { within } from '../../infra/clock.ts';
import { scopeOf } from '../../infra/contract/scope.ts';
import { mysqlConnection } from '../../infra/mysql/pool.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';

/**
 * A run holds a named lock of MySQL for as long as its process lives: the server frees it with the connection, also after
 * kill -9. So a clean-up started from another clone, which knows nothing of this one's folders, sees that it is alive.
 */
export interface RunLock {
  release(): Promise<void>;
}

const timeoutMs = 5_000;

/** Tokens are short: the name is never one that was cut and hashed. */
const lockPrefix = scopeOf('').lockName('run.');

function lockOf(token: string): string {
  return `${lockPrefix}${token}`;
}

/** @throws EngineError when MySQL cannot be reached. */
export async function holdRunLock(endpoints: Endpoints, token: string): Promise<RunLock> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, owner: `run.${token}` });
  // A connection that says nothing for this long is closed by the server; a run may take hours.
  await within('taking the run lock', timeoutMs, connection.query('SET SESSION wait_timeout = 604800'));
  await within('taking the run lock', timeoutMs, connection.query('SELECT GET_LOCK(?, 0)', [lockOf(token)]));
  return {
    async release() {
      await within('releasing the run lock', timeoutMs, connection.end()).catch(() => connection.destroy());
    },
  };
}

/** Those of the tokens whose run is alive, wherever it was started. @throws EngineError */
export async function lockedTokens(endpoints: Endpoints, tokens: readonly string[]): Promise<ReadonlySet<string>> {
  if (tokens.length === 0) return new Set();
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, owner: 'cleanup' });
  try {
    const locked = new Set<string>();
    for (const token of tokens) {
      const [rows] = await within(
        'asking for the run lock',
        timeoutMs,
        connection.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS holder', [lockOf(token)]),
      );
      if (rows[0]?.holder != null) locked.add(token);
    }
    return locked;
  } finally {
    await connection.end();
  }
}

/** The tokens of all runs that are alive on this MySQL, whichever clone started them. @throws EngineError, TimeoutError */
export async function heldTokens(endpoints: Endpoints): Promise<readonly string[]> {
  const asking = mysqlConnection({ endpoint: endpoints.mysql, owner: 'down' });
  const connection = await within('asking for runs that are alive', timeoutMs, asking);
  try {
    const [rows] = await within(
      'asking for runs that are alive',
      timeoutMs,
      connection.query<RowDataPacket[]>(
        `SELECT OBJECT_NAME AS name FROM performance_schema.metadata_locks
         WHERE OBJECT_TYPE = 'USER LEVEL LOCK' AND LOCK_STATUS = 'GRANTED' AND LEFT(OBJECT_NAME, ?) = ?`,
        [lockPrefix.length, lockPrefix],
      ),
    );
    return rows.map((row) => String(row.name).slice(lockPrefix.length));
  } finally {
    connection.destroy();
  }
}
