import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { scopeOf } from '../../contract/scope.ts';
import { redis as redisDiagnosis } from '../../diagnoses/redis.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { type LabTarget, labTarget } from '../../target.ts';
import { readOnce } from '../sampler.ts';
import { redisHotKeys } from './hot-keys.ts';
import { redisNodes } from './nodes.ts';

/** All that the probes of Redis need; `~` as the cache's keys are called. */
const grant = [
  'resetkeys',
  '%R~*',
  '-@all',
  ...'+ping +info +time +getrange +pttl +slowlog|get +command|info +cluster|nodes +cluster|info +hello'.split(' '),
];

const endpoints = inject('endpoints');
const { name } = scopeOf('redis_acl');

test('an account with these rights reads everything; with less it says what is not permitted', async () => {
  const operator = new Redis({ ...endpoints.redis });
  onTestFinished(() => operator.disconnect());
  await operator.call('ACL', 'SETUSER', 'test-operator', 'on', '>secret', '~*', '&*', '+@all');
  await operator.call('AUTH', 'test-operator', 'secret');
  onTestFinished(async () => {
    await operator.call('ACL', 'SETUSER', 'default', 'reset', 'on', 'nopass', '~*', '&*', '+@all');
    await operator.call('ACL', 'DELUSER', 'test-operator');
  });
  const limited = async (...rules: string[]) => {
    await operator.call('ACL', 'SETUSER', 'default', 'reset', 'on', 'nopass', ...rules);
    const { redisCluster: _, ...others } = endpoints;
    const of: LabTarget = labTarget(others, name);
    onTestFinished(() => of.close());
    return of;
  };
  const enough = await limited(...grant);
  const nodes = await readOnce({ probe: redisNodes, target: enough, before: undefined });
  expect(nodes).toMatchObject({ status: 'ok', value: { nodes: [{ facts: { known: true } }] } });
  const hot = await readOnce({ probe: redisHotKeys, target: enough, before: undefined });
  expect(hot).toMatchObject({ status: 'ok', value: { servers: [{ keys: { known: true } }] } });
  expect(await enough.redis.command('GETRANGE', ['x', 0, 1], z.string())).toBe('');

  const less = await limited('resetkeys', '-@all', '+ping', '+hello', '+command|info');
  expect(await readOnce({ probe: redisNodes, target: less, before: undefined })).toMatchObject({
    status: 'unknown',
    reason: expect.stringContaining('not permitted'),
  });
  expect(await diagnose({ diagnosis: redisDiagnosis, target: less })).toMatchObject({
    status: 'unknown',
    reason: expect.stringContaining('not permitted'),
  });
});
