import { type Connection, createConnection, createPool, type Pool } from 'mysql2/promise';
import { EngineError, messageOf } from '../errors.ts';
import type { Endpoints } from '../stack/stack.ts';

export type { Connection, Pool, PoolConnection } from 'mysql2/promise';

export interface MysqlOptions {
  readonly endpoint: Endpoints['mysql'];
  /** Absent: no default database, for creating one. */
  readonly database?: string;
  /** Shown in performance_schema.session_connect_attrs as `labctl_owner`; leases use it to know a live owner. */
  readonly owner?: string;
}

/** 64-bit integers arrive as strings, never as rounded doubles; times stay the server's own text, in UTC. */
function connectionOptions({ endpoint, database, owner }: MysqlOptions) {
  return {
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.user,
    password: endpoint.password,
    ...mysqlTls(endpoint),
    ...(database === undefined ? {} : { database }),
    connectTimeout: 3_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
    charset: 'utf8mb4',
    connectAttributes: { program_name: 'labctl', labctl_owner: owner ?? 'labctl' },
  };
}

/** mysql2 checks the host's name only when told to. */
export function mysqlTls({ tls }: Pick<Endpoints['mysql'], 'tls'>) {
  if (tls === undefined) return {};
  const { verify, ca, cert, key } = tls;
  const files = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  return { ssl: { rejectUnauthorized: verify !== 'none', verifyIdentity: verify === 'identity', ...files } };
}

/**
 * A pool whose sessions are READ COMMITTED in UTC. READ COMMITTED because under REPEATABLE READ a claim with a LIMIT above
 * the pending rows gap-locks the tail and blocks every producer's INSERT until its lock wait times out.
 */
export function mysqlPool(options: MysqlOptions & { readonly connections: number }): Pool {
  const pool = createPool({
    ...connectionOptions(options),
    connectionLimit: options.connections,
    maxIdle: options.connections,
    enableKeepAlive: true,
  });
  // The session is set up before the pool hands the connection to its first user: queries of one connection queue up.
  pool.on('connection', (connection) => {
    // mysql2's promise pool passes the event on with the callback-style connection, whatever its types say.
    (connection as unknown as { query(sql: string, done: () => void): void }).query(sessionSettings, () => {});
  });
  return pool;
}

const sessionSettings =
  "SET SESSION transaction_isolation = 'READ-COMMITTED', time_zone = '+00:00', innodb_lock_wait_timeout = 5";

/** One connection of its own, for work that is fenced by killing it. @throws EngineError when MySQL cannot be reached. */
export async function mysqlConnection(options: MysqlOptions): Promise<Connection> {
  try {
    const connection = await createConnection(connectionOptions(options));
    // Without a listener, a killed connection would end the process as an unhandled 'error' event.
    connection.on('error', () => {});
    await connection.query(sessionSettings);
    return connection;
  } catch (error) {
    throw mysqlError(error, options.endpoint);
  }
}

/** mysql2's errors carry `errno`; a broken connection has none and a `code` such as ECONNREFUSED instead. */
export function errnoOf(error: unknown): number | undefined {
  const errno = (error as { errno?: unknown } | null)?.errno;
  return typeof errno === 'number' && errno > 0 ? errno : undefined;
}

/** True where the connection broke, so that the outcome of the statement in flight is unknown. */
export function isConnectionLoss(error: unknown): boolean {
  const errno = errnoOf(error);
  // 1053 shutdown in progress, 1317 query interrupted (KILL), 1927 connection killed, 2006/2013 gone or lost.
  if (errno !== undefined) return [1053, 1317, 1927, 2006, 2013].includes(errno);
  return true;
}

export function mysqlError(error: unknown, endpoint: Endpoints['mysql']): EngineError {
  if (error instanceof EngineError) return error;
  const code = errnoOf(error) ?? (error as { code?: string }).code ?? 'unknown';
  return new EngineError('mysql', `MySQL at ${endpoint.host}:${endpoint.port} failed: ${messageOf(error)}`, {
    code,
    cause: error,
    tryThis: ['labctl status', 'labctl logs mysql'],
  });
}
