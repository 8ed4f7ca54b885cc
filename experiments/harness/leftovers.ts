import { type Clock, systemClock, within } from '../../infra/clock.ts';
import { scopeOf } from '../../infra/contract/scope.ts';
import { EngineError, messageOf } from '../../infra/errors.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { mysqlConnection } from '../../infra/mysql/pool.ts';
import { connectRedis, redisClient } from '../../infra/redis/client.ts';
import { removeScope } from '../../infra/scope/remove.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';

/** What a scope still owns on the engines. */
export interface Leftovers {
  readonly scope: string;
  readonly database: boolean;
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  readonly cacheKeys: number;
}

/** Everything with a scope's name on it, over all scopes: one look at each engine. */
interface Inventory {
  readonly databases: readonly string[];
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  readonly cacheKeys: readonly string[];
}

const engineTimeoutMs = 15_000;

async function takeInventory(endpoints: Endpoints, keyPattern: string): Promise<Inventory> {
  const [databases, kafka, cacheKeys] = await Promise.all([
    within('listing databases', engineTimeoutMs, databasesOf(endpoints)),
    within('listing topics and groups', engineTimeoutMs, topicsAndGroupsOf(endpoints)).catch((error) => {
      throw new EngineError('kafka', `Kafka failed: ${messageOf(error)}`, { cause: error, tryThis: ['labctl status'] });
    }),
    within('listing cache keys', engineTimeoutMs, keysOf(endpoints, keyPattern)).catch((error) => {
      throw new EngineError('redis', `Redis failed: ${messageOf(error)}`, { cause: error, tryThis: ['labctl status'] });
    }),
  ]);
  return { databases, ...kafka, cacheKeys };
}

async function databasesOf(endpoints: Endpoints): Promise<readonly string[]> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, owner: 'leftovers' });
  try {
    const [rows] = await connection.query('SELECT schema_name AS name FROM information_schema.schemata');
    return (rows as { name: string }[]).map(({ name }) => name);
  } finally {
    await connection.end();
  }
}

async function topicsAndGroupsOf(endpoints: Endpoints): Promise<Pick<Inventory, 'topics' | 'groups'>> {
  const admin = kafkaClient({ brokers: endpoints.kafka, clientId: 'lab.leftovers' }).admin();
  try {
    await admin.connect();
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    return { topics, groups: groups.map(({ groupId }) => groupId) };
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

async function keysOf(endpoints: Endpoints, pattern: string): Promise<readonly string[]> {
  const redis = redisClient(endpoints.redis, 'lab.leftovers');
  await connectRedis(redis);
  try {
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
      for (const key of keys) found.add(key);
      cursor = next;
    } while (cursor !== '0');
    return [...found];
  } finally {
    redis.disconnect();
  }
}

/** One round trip to each engine of the path. @throws EngineError naming the first that does not answer. */
export async function reachEngines(endpoints: Endpoints): Promise<void> {
  await takeInventory(endpoints, 'nothing-has-this-name');
  const problem = await fetch(`${endpoints.registry}/subjects`, { signal: AbortSignal.timeout(engineTimeoutMs) }).then(
    ({ ok, status }) => (ok ? undefined : `it answered ${status}`),
    messageOf,
  );
  if (problem === undefined) return;
  throw new EngineError('registry', `the schema registry at ${endpoints.registry} failed: ${problem}`, {
    tryThis: ['labctl status', 'labctl logs schema-registry'],
  });
}

/** @returns one entry for each of the scopes, also for those that own nothing. @throws EngineError */
export async function leftoversOf(endpoints: Endpoints, scopes: readonly string[]): Promise<readonly Leftovers[]> {
  if (scopes.length === 0) return [];
  const inventory = await takeInventory(endpoints, `${commonPrefix(scopes)}*`);
  return scopes.map((name) => {
    const { database, topics, groups, cacheKey } = scopeOf(name);
    const owned = new Set<string>([...Object.values(topics), ...Object.values(groups)]);
    return {
      scope: name,
      database: inventory.databases.includes(database),
      topics: inventory.topics.filter((topic) => owned.has(topic)),
      groups: inventory.groups.filter((group) => owned.has(group)),
      cacheKeys: inventory.cacheKeys.filter((key) => key.startsWith(cacheKey(''))).length,
    };
  });
}

/** Names of all scopes of which anything is left on any engine and that match. The lab's own scope never does. */
export async function scopesMatching(
  endpoints: Endpoints,
  prefix: string,
  pattern: RegExp,
): Promise<readonly string[]> {
  const { databases, topics, groups, cacheKeys } = await takeInventory(endpoints, `${prefix}*`);
  const candidates = [
    ...databases.flatMap((name) => (name.startsWith('lab_') ? [name.slice('lab_'.length)] : [])),
    ...[...topics, ...groups].map((name) => name.slice(0, Math.max(0, name.indexOf('.')))),
    ...cacheKeys.map((name) => name.slice(0, Math.max(0, name.indexOf(':')))),
  ];
  return [...new Set(candidates.filter((name) => pattern.test(name)))].sort();
}

export function isEmpty({ database, topics, groups, cacheKeys }: Leftovers): boolean {
  return !database && topics.length === 0 && groups.length === 0 && cacheKeys === 0;
}

/** Members of a killed consumer hold their group until its session timeout (10 s) has passed. */
const removeTimeoutMs = 30_000;

/**
 * Removes the scopes and looks again: clean means seen to be gone, not only asked to go.
 * @returns what could not be removed, in words; empty when all is gone. Never throws.
 */
export async function removeScopes(
  endpoints: Endpoints,
  scopes: readonly string[],
  clock: Clock = systemClock,
): Promise<readonly string[]> {
  const deadline = clock.monotonic() + removeTimeoutMs;
  for (;;) {
    const problems = await removeOnce(endpoints, scopes);
    if (problems.length === 0 || clock.monotonic() >= deadline) return problems;
    await clock.sleep(500);
  }
}

async function removeOnce(endpoints: Endpoints, scopes: readonly string[]): Promise<readonly string[]> {
  try {
    const remove = (name: string) => within(`removing ${name}`, removeTimeoutMs, removeScope(endpoints, scopeOf(name)));
    const outcomes = await Promise.allSettled(scopes.map(remove));
    const problems = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [messageOf(outcome.reason)] : []));
    if (problems.length > 0) return problems;
    const left = await leftoversOf(endpoints, scopes);
    return left.filter((scope) => !isEmpty(scope)).map((scope) => `left behind: ${JSON.stringify(scope)}`);
  } catch (error) {
    return [messageOf(error)];
  }
}

/** What all names begin with; narrows a SCAN to about the right keys. */
function commonPrefix(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  let length = first.length;
  for (const name of rest) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
