import { z } from 'zod';
import type { RoleMap } from '../contract/role-map.ts';
import { EngineError } from '../errors.ts';
import { type Part, partOf, UnknownValue, unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';

/** One name of a role map, looked up where it should be. */
export interface VerifiedName {
  /** `outbox.dedupKey`, `topics.events`, `groups.projector`. */
  readonly role: string;
  readonly name: string;
  /** Unknown: it could not be looked up. */
  readonly found: Part<boolean>;
}

/** Values in a column, or names of other things than columns. */
const notColumns = new Set(['table', 'statusValues', 'projector', 'indexer', 'dedupKeyIndex']);

const column = z.object({ name: z.string() });

/** Asks information_schema and the cluster for every name. What cannot be asked is unknown, never missing. */
export async function verifyNames(target: Target): Promise<readonly VerifiedName[]> {
  const { database: _, topics, groups, cache: _cache, ...tables } = target.roles;
  const columns = Object.entries(tables).map(([role, names]) => verifyTable(target, role, names));
  return [...(await Promise.all(columns)).flat(), ...(await verifyKafka(target, { topics, groups }))];
}

async function verifyTable(
  { mysql, roles }: Target,
  role: string,
  names: { readonly table: string },
): Promise<readonly VerifiedName[]> {
  const wanted = Object.entries(names).filter(([key]) => !notColumns.has(key)) as [string, string][];
  const sql = 'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?';
  const found = await asked(mysql.query(sql, [roles.database, names.table], column));
  const table = { role: `${role}.table`, name: names.table };
  if (!found.known) return [{ ...table, found: found }];
  // information_schema shows only what the account may read: an empty answer has two reasons.
  if (found.value.length === 0) return [{ ...table, found: { known: true, value: false } }];
  const there = new Set(found.value.map(({ name }) => name.toLowerCase()));
  return [
    { ...table, found: { known: true, value: true } },
    ...wanted.map(([key, name]) => ({
      role: `${role}.${key}`,
      name: `${names.table}.${name}`,
      found: { known: true, value: there.has(name.toLowerCase()) } as const,
    })),
  ];
}

async function verifyKafka(
  { kafka }: Target,
  { topics, groups }: Pick<RoleMap, 'topics' | 'groups'>,
): Promise<readonly VerifiedName[]> {
  const wanted = [
    ...Object.entries(topics).map(([role, name]) => [`topics.${role}`, name] as const),
    ...Object.entries(groups).map(([role, { topic }]) => [`groups.${role}.topic`, topic] as const),
  ];
  const groupIds = Object.entries(groups).map(([role, { groupId }]) => [`groups.${role}.groupId`, groupId] as const);
  if (wanted.length + groupIds.length === 0) return [];
  const [cluster, described] = await Promise.all([
    asked(kafka.metadata([...new Set(wanted.map(([, name]) => name))])),
    asked(kafka.groups(groupIds.map(([, id]) => id))),
  ]);
  const isThere = (name: string): Part<boolean> => {
    if (!cluster.known) return cluster;
    const errorCode = cluster.value.topics.find(({ topic }) => topic === name)?.errorCode;
    return { known: true, value: errorCode === 0 };
  };
  const isGroup = (id: string): Part<boolean> => {
    if (!described.known) return described;
    const group = described.value.get(id) ?? unknownPart('not in the answer');
    // Kafka describes a group that it does not know as Dead.
    return group.known ? { known: true, value: group.value.state !== 'Dead' } : group;
  };
  return [
    ...wanted.map(([role, name]) => ({ role, name, found: isThere(name) })),
    ...groupIds.map(([role, name]) => ({ role, name, found: isGroup(name) })),
  ];
}

async function asked<T>(reading: Promise<T>): Promise<Part<T>> {
  const failed = reading.catch((error: unknown) => {
    throw error instanceof EngineError ? new UnknownValue(error.message) : error;
  });
  return partOf(failed);
}
