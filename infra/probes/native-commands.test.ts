import { expect, onTestFinished, test } from 'vitest';
import { labRoles } from '../contract/lab-roles.ts';
import { scopeOf } from '../contract/scope.ts';
import type { Endpoints } from '../stack/stack.ts';
import { ownTarget, type Target } from '../target.ts';
import { probes } from './index.ts';
import { isMapped, kafkaCommand, mysqlCommand, redisCommand } from './native-commands.ts';

function opened(endpoints: Partial<Endpoints>, database = ''): Target {
  const target = ownTarget({ profile: 'own', endpoints, roles: { database, topics: {}, groups: {} }, checks: [] });
  onTestFinished(() => target.close());
  return target;
}

const login = { host: 'db', user: 'me', password: 'hunter2' };
const tls = { verify: 'ca', ca: 'PEM', caFile: '/etc/ca file.pem' } as const;

test('a password is asked for by the client, never shown; encryption as it was set', () => {
  const target = opened({ mysql: { ...login, port: 1, tls }, redis: { ...login, port: 2, tls } }, 'shop');
  expect(mysqlCommand(target, 'SELECT 1')).toBe(
    "mysql -h db -P 1 -u me -p --ssl-mode=VERIFY_CA --ssl-ca='/etc/ca file.pem' shop -e 'SELECT 1'",
  );
  expect(redisCommand(target, 'PING')).toBe(
    "redis-cli -h db -p 2 --tls --cacert '/etc/ca file.pem' --user me --askpass PING",
  );
  const mutual = { ...tls, certFile: 'me.pem', keyFile: 'me key.pem' };
  const asked = opened({ mysql: { ...login, port: 1, tls: mutual }, redis: { host: 'r', port: 2, tls: mutual } });
  expect(mysqlCommand(asked, 'SELECT 1')).toContain("--ssl-cert=me.pem --ssl-key='me key.pem' -e");
  expect(redisCommand(asked, 'PING')).toContain("--cert me.pem --key 'me key.pem' PING");
  expect(redisCommand(target, 'PING', 'other:3')).toMatch(/^redis-cli -h other -p 3 --tls/);
});

test('Kafka tools take login and encryption from a file', () => {
  const sasl = { mechanism: 'plain', user: 'me', password: 'hunter2' } as const;
  expect(kafkaCommand(opened({ kafka: ['a:1'], kafkaSecurity: { sasl } }), 'kafka-topics', '--list')).toBe(
    'kafka-topics --bootstrap-server a:1 --command-config <client.properties> --list',
  );
  expect(kafkaCommand(opened({ kafka: ['a:1', 'b:2'] }), 'kafka-topics', '--list')).toBe(
    'kafka-topics --bootstrap-server a:1,b:2 --list',
  );
});

test('what a target has is in its names, before anything is read: all of a whole one, nothing of an empty one', () => {
  const engines = { kafka: ['a:1'], mysql: { ...login, port: 1 }, redis: { host: 'r', port: 2 } };
  const whole = ownTarget({ profile: 'own', endpoints: engines, roles: labRoles(scopeOf('')), checks: [] });
  onTestFinished(() => whole.close());
  const lacking = (target: Target): string[] => probes.filter((one) => !isMapped(one, target)).map(({ id }) => id);
  expect(lacking(whole)).toEqual(['checks.sql']);
  expect(lacking(opened({}))).toEqual(probes.map(({ id }) => id));
});
