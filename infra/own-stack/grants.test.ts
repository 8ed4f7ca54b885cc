import { expect, test } from 'vitest';
import { grantsFor } from './grants.ts';

const roles = {
  database: 'sh`op',
  heartbeats: { table: 'beats' },
  effects: { table: 'journal', dedupKey: 'k', appliedAt: 'a' },
  cache: { keyPattern: 'bal:{account_id}', format: 'balance' },
  topics: {},
  groups: {},
} as const;

const lines = (engine: string, given: Parameters<typeof grantsFor>[0]): readonly string[] =>
  grantsFor(given)
    .filter((group) => group.engine === engine)
    .flatMap((group) => group.lines);

test('MySQL: a login, what shows locks, and the mapped tables; names are quoted', () => {
  expect(lines('mysql', { user: "o'k", roles, endpoints: {} })).toEqual([
    "CREATE USER 'o''k'@'%' IDENTIFIED BY '<password>';",
    "GRANT PROCESS ON *.* TO 'o''k'@'%';",
    "GRANT SELECT ON performance_schema.* TO 'o''k'@'%';",
    "GRANT SELECT ON `sh``op`.`beats` TO 'o''k'@'%';",
    "GRANT SELECT ON `sh``op`.`journal` TO 'o''k'@'%';",
  ]);
});

test('Redis: only what is sent, keys to read only and of the mapped pattern', () => {
  expect(lines('redis', { user: 'me', roles, endpoints: {} })).toEqual([
    "ACL SETUSER me on '><password>' resetkeys resetchannels -@all +ping +info +time +slowlog|get +command|info",
    "ACL SETUSER me '%R~bal:*' +get +getrange +pttl",
    'ACL SETUSER me +cluster|info +cluster|nodes',
    'ACL SETUSER me +cluster|slot-stats', // a Redis older than 8.2 refuses it: alone, it takes nothing with it
  ]);
});

test('nothing printed gives a right to write', () => {
  const all = grantsFor({ user: 'me', roles, endpoints: {} }).flatMap((group) => group.lines);
  expect(all.join('\n')).not.toMatch(/INSERT|UPDATE|DELETE|ALTER|ALL|SUPER|Write|Create |\+set\b|\+del\b|~\*|%RW|%W/);
});
