import { randomBytes } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { labRoles } from '../contract/lab-roles.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { scopeOf } from '../contract/scope.ts';
import { kafkaClient } from '../kafka/client.ts';
import { createTopics } from '../kafka/topics.ts';
import { migrate } from '../mysql/migrate.ts';
import { type Connection, mysqlConnection } from '../mysql/pool.ts';
import { grantsFor } from '../own-stack/grants.ts';
import { redisClient } from '../redis/client.ts';
import type { Endpoints } from '../stack/stack.ts';

/**
 * A stack as somebody else's: on the same engines, with no name in common with the lab (database, tables, columns, topics,
 * groups, keys), read by accounts that have exactly the rights that `labctl profile grants` prints, or fewer.
 */
export interface SecondStack {
  readonly roles: RoleMap;
  /** Accounts with exactly the printed rights. */
  readonly endpoints: Partial<Endpoints>;
  /** Accounts that may log in and no more. */
  readonly bare: Partial<Endpoints>;
  /** May everything; for planting. The database is chosen. */
  readonly admin: Connection;
  remove(): Promise<void>;
}

const password = 'second-stack-pw';
/** What is a value, or no column, in a role. */
const kept = new Set(['statusValues', 'projector', 'indexer', 'dedupKeyIndex']);

export async function secondStack(endpoints: Endpoints): Promise<SecondStack> {
  const name = `biz_${randomBytes(4).toString('hex')}`;
  await migrate(endpoints.mysql, name);
  const admin = await mysqlConnection({ endpoint: endpoints.mysql, database: name });
  const roles = await renamed(admin, name);
  const topics = { events: `${name}-orders`, dlq: `${name}-buried` };
  const mapped: RoleMap = {
    ...roles,
    database: name,
    cache: { keyPattern: `${name}/{account_id}`, format: 'balance' },
    topics,
    groups: { projector: { groupId: `${name}-view`, topic: topics.events } },
  };
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: name });
  await createTopics(
    kafka,
    Object.values(topics).map((topic) => ({ topic, partitions: 3, recordBytesMax: 1_100_000 })),
  );
  const full = await account(endpoints, admin, { user: name, roles: mapped, all: true });
  const bare = await account(endpoints, admin, { user: `${name}_bare`, roles: mapped, all: false });
  return {
    roles: mapped,
    endpoints: full.endpoints,
    bare: bare.endpoints,
    admin,
    async remove() {
      await Promise.all([full.remove(), bare.remove()]);
      await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
      await withAdmin(kafka, async (one) => {
        const groupIds = Object.values(mapped.groups).map((group) => group.groupId);
        await one.deleteGroups(groupIds).catch(() => {}); // a member may not have left yet; nobody may have joined
        await one.deleteTopics({ topics: Object.values(topics) });
      });
    },
  };
}

async function withAdmin(kafka: Kafka, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Every table and column that a role names gets another name; so do the roles. */
async function renamed(admin: Connection, database: string): Promise<RoleMap> {
  const { database: _, topics, groups, cache: _cache, ...tables } = labRoles(scopeOf(''));
  const roles: [string, unknown][] = [];
  for (const [role, { table, ...columns }] of Object.entries(tables)) {
    await admin.query(`RENAME TABLE \`${table}\` TO \`our ${table}\``);
    // A column that a generated one is computed from cannot be renamed.
    const [generated] = await admin.query(
      `SELECT GROUP_CONCAT(generation_expression) AS computed FROM information_schema.columns WHERE table_schema = ? AND table_name = ?`,
      [database, `our ${table}`],
    );
    const used = String((generated as { computed: string | null }[])[0]?.computed ?? '');
    const renames = Object.entries(columns).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && !kept.has(entry[0]) && !used.includes(entry[1]),
    );
    const clauses = renames.map(([, column]) => `RENAME COLUMN \`${column}\` TO \`c-${column}\``);
    if (clauses.length > 0) await admin.query(`ALTER TABLE \`our ${table}\` ${clauses.join(', ')}`);
    const changed = renames.map(([key, column]) => [key, `c-${column}`] as const);
    roles.push([role, { ...columns, ...Object.fromEntries(changed), table: `our ${table}` }]);
  }
  return { ...Object.fromEntries(roles), database, topics, groups };
}

interface Account {
  readonly endpoints: Partial<Endpoints>;
  remove(): Promise<void>;
}

async function account(
  lab: Endpoints,
  admin: Connection,
  { user, roles, all }: { readonly user: string; readonly roles: RoleMap; readonly all: boolean },
): Promise<Account> {
  const { kafka, mysql, registry } = lab;
  const groups = grantsFor({ user, roles, endpoints: { kafka, mysql, redis: lab.redis } });
  const linesFor = (engine: string): readonly string[] => {
    const lines = groups.filter((group) => group.engine === engine).map((group) => group.lines);
    return (all ? lines : lines.slice(0, 1)).flat();
  };
  for (const line of linesFor('mysql')) await admin.query(line.replace('<password>', password));
  const redis = redisClient(lab.redis, 'test.second-stack');
  await redis.connect();
  const [create = '', ...rules] = linesFor('redis');
  const plain = `ACL SETUSER ${user} on '><password>' -@all +ping`;
  for (const line of [all ? create : plain, ...rules]) {
    const done = redis.call('ACL', ...wordsOf(line.replace('<password>', password)).slice(1));
    await done.catch((error: unknown) => {
      if (!line.endsWith('slot-stats')) throw error; // a Redis older than 8.2 does not know it
    });
  }
  const login = { user, password };
  return {
    endpoints: { kafka, registry, mysql: { ...mysql, ...login }, redis: { ...lab.redis, ...login } },
    async remove() {
      await admin.query(`DROP USER '${user}'@'%'`);
      await redis.call('ACL', 'DELUSER', user);
      redis.disconnect();
    },
  };
}

/** As redis-cli takes a line apart. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
