import type { Scope } from '../contract/scope.ts';
import { EngineError, messageOf } from '../errors.ts';
import { kafkaClient } from '../kafka/client.ts';
import { deleteTopicsAndGroups } from '../kafka/topics.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { connectRedis, redisClient } from '../redis/client.ts';
import { subjectOf } from '../registry/codec.ts';
import type { Endpoints } from '../stack/stack.ts';

/**
 * Removes all that a scope owns on the engines: database, topics, groups, subjects, cache keys. What is absent is no
 * error. The lab's own scope is refused: `labctl down -v` is for that.
 * @throws AggregateError-like EngineError when an engine could not be cleaned; the others are cleaned all the same.
 */
export async function removeScope(endpoints: Endpoints, scope: Scope): Promise<void> {
  if (scope.name === '') throw new Error('the lab itself is not a scope that can be removed');
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: scope.clientId('remove', process.pid) });
  const topics = Object.values(scope.topics);
  const outcomes = await Promise.allSettled([
    dropDatabase(endpoints, scope.database),
    deleteTopicsAndGroups(kafka, { topics, groups: Object.values(scope.groups) }),
    deleteKeys(endpoints, scope.cacheKey('*')),
    ...topics.map((topic) => deleteSubject(endpoints.registry, subjectOf(topic))),
  ]);
  const problems = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [messageOf(outcome.reason)] : []));
  if (problems.length === 0) return;
  throw new EngineError('machine', `scope ${scope.name} is not fully removed: ${problems.join('; ')}`, {
    tryThis: ['labctl status', 'run the clean-up again when every engine is up'],
  });
}

async function dropDatabase(endpoints: Endpoints, database: string): Promise<void> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql });
  try {
    await connection.query(`DROP DATABASE IF EXISTS \`${database}\``);
  } finally {
    await connection.end();
  }
}

async function deleteKeys(endpoints: Endpoints, pattern: string): Promise<void> {
  const redis = redisClient(endpoints.redis, 'labctl.remove');
  await connectRedis(redis);
  try {
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  } finally {
    redis.disconnect();
  }
}

/** Twice: the Confluent API deletes softly first, and only then for good. 404: it is not there. */
async function deleteSubject(registryUrl: string, subject: string): Promise<void> {
  for (const suffix of ['', '?permanent=true']) {
    const response = await fetch(`${registryUrl}/subjects/${encodeURIComponent(subject)}${suffix}`, {
      method: 'DELETE',
      signal: AbortSignal.timeout(5_000),
    });
    if (response.ok || response.status === 404) continue;
    throw new Error(`the registry answered ${response.status} to deleting ${subject}`);
  }
}
