import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { labRoles } from '../contract/lab-roles.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { scopeOf } from '../contract/scope.ts';
import { packageRoot } from '../package-root.ts';
import { openProfiles, ownStackFrom, stackOf } from './own-stack.ts';
import { profileFilePath, readProfileFile } from './profile-file.ts';
import { roleMapSchema } from './role-map-schema.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function written(text: string): string {
  const path = join(folder, 'labctl.yaml');
  writeFileSync(path, text);
  return path;
}

const whole = `profiles:
  shop:
    kafka: { brokers: ["b1:9092", "b2:9092"], sasl: { mechanism: scram-sha-256, user: me, password: "$\{KAFKA_PW}" } }
    mysql: { host: db, user: reader, passwordFile: PASSWORD, database: shop }
    redis: { cluster: ["r1:7000", "r2:7001"], user: watch, password: "$\{REDIS_PW}" }
    registry: http://registry:8081/
    roles:
      outbox: { table: events, id: no, dedupKey: k, status: st, statusValues: { pending: NEW }, createdAt: at, sentAt: sent }
      topics: { events: shop.orders }
      groups: { projector: { groupId: shop-view, topic: shop.orders } }
    checks:
      - { id: unpaid, sql: "SELECT id FROM orders WHERE paid = 0", every: 30s, severity: critical }
      - { id: size, title: Too large, sql: "SELECT COUNT(*) FROM orders", threshold: { max: 10 }, cost: onDemand, timeout: 500ms }
`;

test('a profile becomes a stack: endpoints, secrets, names, checks', () => {
  writeFileSync(join(folder, 'password'), 'from the file\n');
  const { profiles } = readProfileFile(written(whole.replace('PASSWORD', join(folder, 'password'))));
  const settings = profiles.shop;
  if (settings === undefined) throw new Error('no profile');
  const env = { KAFKA_PW: 'k', REDIS_PW: 'r' };
  const { endpoints, roles, checks } = stackOf('shop', settings, env);
  expect(endpoints).toEqual({
    kafka: ['b1:9092', 'b2:9092'],
    kafkaSecurity: { sasl: { mechanism: 'scram-sha-256', user: 'me', password: 'k' } },
    mysql: { host: 'db', port: 3306, user: 'reader', password: 'from the file' },
    redisCluster: [
      { host: 'r1', port: 7000, user: 'watch', password: 'r' },
      { host: 'r2', port: 7001, user: 'watch', password: 'r' },
    ],
    registry: 'http://registry:8081',
  });
  expect(roles).toEqual({
    database: 'shop',
    outbox: {
      ...{ table: 'events', id: 'no', dedupKey: 'k', status: 'st', createdAt: 'at', sentAt: 'sent' },
      statusValues: { pending: 'NEW', sent: 'SENT', dead: 'DEAD', skipped: 'SKIPPED' },
    },
    topics: { events: 'shop.orders' },
    groups: { projector: { groupId: 'shop-view', topic: 'shop.orders' } },
  });
  expect(checks).toEqual([
    {
      ...{ id: 'unpaid', title: 'unpaid', sql: 'SELECT id FROM orders WHERE paid = 0', severity: 'critical' },
      ...{ cost: 'slow', everyMs: 30_000, timeoutMs: 2_000 },
    },
    {
      ...{ id: 'size', title: 'Too large', sql: 'SELECT COUNT(*) FROM orders', threshold: { max: 10 } },
      ...{ severity: 'warning', cost: 'onDemand', everyMs: 0, timeoutMs: 500 },
    },
  ]);
  expect(() => stackOf('shop', settings, { REDIS_PW: 'r' })).toThrow('the environment has no KAFKA_PW');
});

test('the role map of the yaml knows every name that the role map of the code has', () => {
  const { database: _, ...roles } = labRoles(scopeOf(''));
  expect(roleMapSchema.parse(roles)).toEqual(roles);
  // The lab names nothing in another column than the schema allows: both ways, by the compiler.
  const asCode: Omit<RoleMap, 'database'> = stackOf(
    'x',
    readProfileFile(written('profiles: { x: {} }')).profiles.x ?? never(),
    {},
  ).roles;
  expect(asCode).toEqual({ database: '', topics: {}, groups: {} });
});

test('the example of the README is one that works', () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const example = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const secret = join(folder, 'secret');
  writeFileSync(secret, 's');
  const { profiles } = readProfileFile(written(example.replace('/run/secrets/shop-mysql', secret)));
  const shop = stackOf('shop', profiles.shop ?? never(), { SHOP_KAFKA_PW: 'k', SHOP_REDIS_PW: 'r' });
  expect(Object.keys(shop.endpoints)).toEqual(['kafka', 'kafkaSecurity', 'mysql', 'redis']);
  expect(shop.checks.map(({ id }) => id)).toEqual(['unpaid', 'open-orders']);
  // Every role there is has its name there.
  for (const role of Object.keys(roleMapSchema.shape)) expect(readme).toContain(`\`${role}\``);
});

function never(): never {
  throw new Error('no profile');
}

test.each([
  ['a key', 'profiles:\n  x:\n    mysql:\n      hots: db\n      user: u\n', '4', 'mysql', 'did you mean host?'],
  ['a role', 'profiles:\n  x:\n    roles:\n      outbx: {}\n', '4', 'roles', 'did you mean outbox?'],
  [
    'a column',
    'profiles:\n  x:\n    roles:\n      heartbeats:\n        tabel: t\n        table: t\n',
    '5',
    'heartbeats',
    'did you mean table?',
  ],
  ['what is missing', 'profiles:\n  x:\n    roles:\n      outbox:\n        table: t\n', '5', 'outbox.id', ''],
  [
    'a plain password',
    'profiles:\n  x:\n    mysql:\n      host: h\n      user: u\n      password: hunter2\n',
    '6',
    'password',
    'never stands here',
  ],
  ['the name of the lab', 'profiles:\n  lab: {}\n', '2', 'lab', 'lab is the lab itself'],
  [
    'a writing check',
    'profiles:\n  x:\n    checks:\n      - id: a\n        sql: DELETE FROM t\n',
    '5',
    'checks.0.sql',
    'begin with SELECT',
  ],
  [
    'two checks of one name',
    'profiles:\n  x:\n    checks:\n      - {id: a, sql: SELECT 1}\n      - {id: a, sql: SELECT 2}\n',
    '4',
    'checks',
    'same id',
  ],
  ['broken YAML', 'profiles:\n  x: [\n', '3', '', ''],
])('a mistake is named by file, line and path: %s', (_, text, line, path, why) => {
  const file = written(text);
  let error: unknown;
  try {
    readProfileFile(file);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(`${file}:${line}`),
    why: expect.stringContaining(why),
  });
  expect(String(error)).toContain(path);
  expect(JSON.stringify(error)).not.toContain('hunter2');
});

test('the file is looked for where it is named, then here, then at home', () => {
  expect(profileFilePath('x.yaml', {})).toMatch(/x\.yaml$/);
  expect(profileFilePath(undefined, { LABCTL_CONFIG: '/c.yaml' })).toBe('/c.yaml');
  mkdirSync(join(folder, '.config/labctl'), { recursive: true });
  writeFileSync(join(folder, '.config/labctl/labctl.yaml'), 'profiles: {}');
  expect(profileFilePath(undefined, { HOME: folder })).toBe(join(folder, '.config/labctl/labctl.yaml'));
  expect(() => openProfiles({}, { HOME: join(folder, 'absent') })).toThrow('there is no labctl.yaml');
});

test('a profile that is not there; addresses go before those of the profile', async () => {
  const config = written('profiles: { shop: { mysql: { host: db, user: u, database: d } } }');
  const surroundings = { env: {}, ask: async () => undefined, osUser: 'kim' };
  await expect(ownStackFrom({ config, profile: 'shp' }, surroundings)).rejects.toMatchObject({
    tryThis: ['--profile shop'],
  });
  const stack = await ownStackFrom({ config, profile: 'shop', kafka: 'a:1' }, surroundings);
  expect(stack).toMatchObject({ profile: 'shop', endpoints: { kafka: ['a:1'], mysql: { host: 'db' } } });
  expect((await ownStackFrom({ mysql: 'mysql://u@h/other' }, surroundings)).roles.database).toBe('other');
});

test.each([
  ['mysql://me@10.0.0.1/shop?tls=identity', /IP address 10\.0\.0\.1 cannot be checked/],
  ['mysql://me@10.0.0.1/shop?tls=ca', undefined],
  ['mysql://me@db/shop?tls=identity', undefined],
])('%s: the identity of an IP address is not checked by halves', async (mysql, refusal) => {
  const opened = ownStackFrom({ mysql }, { env: {}, ask: async () => undefined, osUser: 'kim' });
  if (refusal === undefined) expect((await opened).endpoints.mysql?.tls).toBeDefined();
  else await expect(opened).rejects.toThrow(refusal);
});
