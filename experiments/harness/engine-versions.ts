import { within } from '../../infra/clock.ts';
import { mysqlConnection } from '../../infra/mysql/pool.ts';
import { connectRedis, redisClient } from '../../infra/redis/client.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';

const timeoutMs = 5_000;

/**
 * Versions as the engines themselves tell them. Kafka's protocol does not tell its own: that one comes from whoever
 * started the brokers. What cannot be asked is left out.
 */
export async function engineVersions(endpoints: Endpoints): Promise<Record<string, string>> {
  const asked = {
    mysql: mysqlVersion(endpoints),
    redis: redisVersion(endpoints),
    'schema-registry': registryVersion(endpoints),
  };
  const versions: Record<string, string> = {};
  for (const [engine, answer] of Object.entries(asked)) {
    const version = await within(`asking ${engine} for its version`, timeoutMs, answer).catch(() => undefined);
    if (version !== undefined) versions[engine] = version;
  }
  return versions;
}

async function mysqlVersion(endpoints: Endpoints): Promise<string | undefined> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, owner: 'harness' });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    return (rows as { version?: string }[])[0]?.version;
  } finally {
    await connection.end();
  }
}

async function redisVersion(endpoints: Endpoints): Promise<string | undefined> {
  const redis = redisClient(endpoints.redis, 'labctl.harness');
  await connectRedis(redis);
  try {
    return /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1];
  } finally {
    redis.disconnect();
  }
}

/** Apicurio's own API beside the Confluent one; other registries have none, and then no version. */
async function registryVersion(endpoints: Endpoints): Promise<string | undefined> {
  const url = new URL('/apis/registry/v3/system/info', endpoints.registry);
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) return undefined;
  const { version } = (await response.json()) as { version?: unknown };
  return typeof version === 'string' ? version : undefined;
}
