import type { Redis } from 'ioredis';
import type { Admin, Kafka } from 'kafkajs';
import { within } from '../../infra/clock.ts';
import { type Scope, scopeOf } from '../../infra/contract/scope.ts';
import { EngineError, messageOf } from '../../infra/errors.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { type Connection, mysqlConnection } from '../../infra/mysql/pool.ts';
import { connectRedis, redisClient } from '../../infra/redis/client.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';

/** The harness's own connections to one arm's scope: it only reads through them. */
export interface ScopeEngines {
  readonly scope: Scope;
  readonly endpoints: Endpoints;
  readonly mysql: Connection;
  readonly redis: Redis;
  readonly kafka: Kafka;
  readonly admin: Admin;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;

/** @throws EngineError naming the engine that cannot be reached. */
export async function openScopeEngines(endpoints: Endpoints, scopeName: string): Promise<ScopeEngines> {
  const scope = scopeOf(scopeName);
  const clientId = scope.clientId('harness', process.pid);
  const redis = redisClient(endpoints.redis, clientId);
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId });
  const admin = kafka.admin();
  const [mysql] = await Promise.all([
    mysqlConnection({ endpoint: endpoints.mysql, database: scope.database, owner: clientId }),
    within('connecting to Kafka', connectTimeoutMs, admin.connect()).catch((error) => {
      throw new EngineError('kafka', `Kafka cannot be reached: ${messageOf(error)}`, { cause: error });
    }),
    connectRedis(redis),
  ]);
  return {
    scope,
    endpoints,
    mysql,
    redis,
    kafka,
    admin,
    async close() {
      redis.disconnect();
      await Promise.allSettled([
        within('closing MySQL', 2_000, mysql.end()).catch(() => mysql.destroy()),
        within('closing Kafka', 2_000, admin.disconnect()),
      ]);
    },
  };
}

const queryTimeoutMs = 30_000;

/** All rows of a statement; bounded in time. Integers of 64 bits are strings. */
export async function rowsOf(
  { mysql }: Pick<ScopeEngines, 'mysql'>,
  sql: string,
): Promise<readonly Readonly<Record<string, string | number | null>>[]> {
  const [rows] = await within('a query of the harness', queryTimeoutMs, mysql.query(sql));
  return rows as Readonly<Record<string, string | number | null>>[];
}

/** The single number of a statement such as SELECT COUNT(*). */
export async function numberOf(engines: Pick<ScopeEngines, 'mysql'>, sql: string): Promise<number> {
  const [row] = await rowsOf(engines, sql);
  return Number(Object.values(row ?? {})[0] ?? Number.NaN);
}

/** Every cache key of the scope with its text. SCAN may give a key twice; each comes once here. */
export async function cachedKeys({ redis, scope }: ScopeEngines): Promise<ReadonlyMap<bigint, string>> {
  const prefix = scope.cacheKey('');
  const found = new Map<bigint, string>();
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    const texts = keys.length === 0 ? [] : await redis.mget(...keys);
    for (const [index, key] of keys.entries()) {
      const value = texts[index];
      if (value !== null && value !== undefined) found.set(BigInt(key.slice(prefix.length)), value);
    }
    cursor = next;
  } while (cursor !== '0');
  return found;
}

/** Records of the topic that the group has not committed past. No transactions run here, so the end offset is the HW. */
export async function lagOf({ admin, scope }: ScopeEngines, groupId: string): Promise<number> {
  const topic = scope.topics.events;
  const [ends, [committed]] = await within(
    'reading offsets',
    queryTimeoutMs,
    Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] })]),
  );
  const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return ends.reduce((lag, { partition, high, low }) => {
    const offset = offsets.get(partition) ?? -1n;
    return lag + Number(BigInt(high) - (offset < 0n ? BigInt(low) : offset));
  }, 0);
}

export async function topicRecords({ admin, scope }: ScopeEngines): Promise<number> {
  const ends = await within('reading offsets', queryTimeoutMs, admin.fetchTopicOffsets(scope.topics.events));
  return ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
}
