import { Redis } from 'ioredis';
import type { Endpoints } from '../stack/stack.ts';
import { tlsOptions } from '../tls.ts';

/**
 * A client that fails fast: no offline queue, so that a dead Redis is an error within half a second instead of a pile of
 * waiting commands. It reconnects by itself.
 */
export function redisClient(endpoint: Endpoints['redis'], connectionName: string, commandTimeoutMs = 500): Redis {
  const client = new Redis({
    host: endpoint.host,
    port: endpoint.port,
    ...(endpoint.user === undefined ? {} : { username: endpoint.user }),
    ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
    ...(endpoint.tls === undefined ? {} : { tls: tlsOptions(endpoint.tls, endpoint.host) }),
    // It asks INFO, which an account may lack, and says so on stderr by itself.
    enableReadyCheck: endpoint.user === undefined,
    connectionName,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  client.on('error', () => {}); // each failed command rejects by itself; the event would end the process
  return client;
}

/** Connects within the client's own timeouts; a Redis that is down is not an error yet, commands will say so. */
export async function connectRedis(client: Redis): Promise<void> {
  await client.connect().catch(() => {});
}
