import { expect, test } from 'vitest';
import { kafkaFrom, mysqlFrom, redisFrom, withoutPassword } from './endpoint-urls.ts';

const none = async (): Promise<undefined> => undefined;
const env = async (variable: string): Promise<string> => `from ${variable}`;
const redis = { name: '--redis', cluster: false };

test('bare addresses: ports are the usual ones, nobody logs in', async () => {
  expect(await kafkaFrom('a:1,b', none)).toEqual({ kafka: ['a:1', 'b:9092'] });
  expect(await mysqlFrom('db', none, 'kim')).toEqual({
    mysql: { host: 'db', port: 3306, user: 'kim', password: '' },
    database: '',
  });
  expect(await redisFrom('[::1]:7000', none, redis)).toEqual({ redis: { host: '::1', port: 7000 } });
});

test('user, password from the environment, database, login and encryption', async () => {
  expect(await kafkaFrom('kafkas://me@a:1,b:2?mechanism=scram-sha-512&tls=ca', env)).toEqual({
    kafka: ['a:1', 'b:2'],
    kafkaSecurity: {
      tls: { verify: 'ca' },
      sasl: { mechanism: 'scram-sha-512', user: 'me', password: 'from LABCTL_KAFKA_SASL_PASSWORD' },
    },
  });
  expect(await mysqlFrom('mysql://me@db:1/shop?tls=none', env, 'kim')).toEqual({
    mysql: { host: 'db', port: 1, user: 'me', password: 'from LABCTL_MYSQL_PASSWORD', tls: { verify: 'none' } },
    database: 'shop',
  });
  expect(await redisFrom('rediss://me@r:1', env, redis)).toEqual({
    redis: { host: 'r', port: 1, user: 'me', password: 'from LABCTL_REDIS_PASSWORD', tls: { verify: 'identity' } },
  });
});

test('a password in the address is taken, @ and : in it too', async () => {
  expect((await mysqlFrom('mysql://me:p%40s@s:1@db/shop', none, 'kim')).mysql).toMatchObject({
    user: 'me',
    password: 'p@s@s:1',
  });
  expect(await redisFrom('redis://:only@r', none, redis)).toEqual({
    redis: { host: 'r', port: 6379, password: 'only' },
  });
});

test('several Redis addresses, or the other option, are a cluster', async () => {
  const two = { redisCluster: [expect.objectContaining({ port: 1 }), expect.objectContaining({ port: 2 })] };
  expect(await redisFrom('a:1,a:2', none, redis)).toEqual(two);
  expect(await redisFrom('a:1', none, { name: '--redis-cluster', cluster: true })).toEqual({
    redisCluster: [{ host: 'a', port: 1 }],
  });
});

test.each([
  ['mysql://me:topsecret@db:99999/x'],
  ['mysql://me:topsecret@d b/x'],
  ['postgres://me:topsecret@db/x'],
  ['mysql://me:top/secret?x@db:1/x?sslmode=on'],
  ['me:topsecret@db:x'],
  ['mysql://me:topsecret@a,b/x'],
])('what cannot be used is said without its password: %s', async (text) => {
  const error = await mysqlFrom(text, none, 'kim').catch((thrown: Error) => thrown);
  expect(JSON.stringify({ error, text: String(error) })).not.toMatch(/secret/);
  expect(error).toMatchObject({ name: 'UserError', message: expect.stringContaining('--mysql cannot be') });
});

test('a mistyped setting names what there is', async () => {
  await expect(kafkaFrom('kafka://a:1?mechanisms=plain', none)).rejects.toMatchObject({
    why: expect.stringContaining('did you mean mechanism?'),
  });
  await expect(kafkaFrom('kafka://me@a:1?mechanism=scram', none)).rejects.toMatchObject({
    why: 'it takes one of: plain, scram-sha-256, scram-sha-512',
  });
  await expect(kafkaFrom('kafkas://a:1?ca=/absent.pem', none)).rejects.toMatchObject({ why: 'ENOENT' });
});

test.each([
  ['mysql://me:p%40s@s:1@db:3306/shop?tls=ca', 'mysql://me@db:3306/shop?tls=ca'],
  ['redis://:only@r', 'redis://r'],
  ['me:word@a:1,b:2', 'me@a:1,b:2'],
  ['kafkas://me@a:1,b:2?mechanism=plain', 'kafkas://me@a:1,b:2?mechanism=plain'],
  ['a:1', 'a:1'],
])('%s is shown without its password', (address, shown) => {
  expect(withoutPassword(address)).toBe(shown);
});
