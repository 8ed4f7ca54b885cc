import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { RefusedError } from '../errors.ts';
import { ReadOnlyRedis } from './read-only.ts';

function opened(endpoint = inject('endpoints').redis): ReadOnlyRedis {
  const redis = new ReadOnlyRedis(endpoint);
  onTestFinished(() => redis.close());
  return redis;
}

test.each([
  ['SET', ['probe:key', '1']],
  ['GETDEL', ['probe:key']],
  ['EVAL', ["return redis.call('SET', 'probe:key', '1')", 0]],
  ['FLUSHALL', []],
  ['CONFIG', ['SET', 'maxmemory', '1']],
  ['CONFIG', ['RESETSTAT']],
  ['SLOWLOG', ['RESET']],
  ['CLIENT', ['KILL', 'ID', '1']],
  ['DEBUG', ['SLEEP', '0']],
  ['PFCOUNT', ['probe:key']],
  ['NO_SUCH_COMMAND', []],
] as const)('never sends %s %j', async (name, args) => {
  await expect(opened().command(name, [...args], z.unknown())).rejects.toThrow(RefusedError);
});

test('sends what reads', async () => {
  const redis = opened();
  expect(await redis.command('PING', [], z.string())).toBe('PONG');
  expect(await redis.command('GET', ['probe:absent'], z.string().nullable())).toBeNull();
  expect(await redis.command('info', ['server'], z.string())).toContain('redis_version');
});

test('a Redis that is not there is an engine error', async () => {
  const ask = () => opened({ host: '127.0.0.1', port: 1 }).command('PING', [], z.string());
  await expect(ask()).rejects.toThrow('Redis at 127.0.0.1:1 cannot be reached (ECONNREFUSED)');
});
