import { expect, test } from 'vitest';
import { parseInfo } from '../../redis/info.ts';
import { factsOf, nodeRates } from '../../redis/read-node.ts';
import { known, unknownPart } from '../reading.ts';
import { hotKeys } from './hot-keys-findings.ts';
import type { RedisNode, RedisNodes } from './nodes.ts';
import { redisNodes } from './nodes.ts';
import { slowKeys } from './server-keys.ts';

const info = (change: Readonly<Record<string, string | number>> = {}) => {
  const fields = {
    run_id: 'a',
    redis_version: '7.0.15',
    role: 'master',
    server_time_usec: 1_000_000,
    used_memory: 50,
    maxmemory: 100,
    maxmemory_policy: 'noeviction',
    connected_clients: 3,
    rejected_connections: 0,
    keyspace_hits: 10,
    keyspace_misses: 5,
    cmdstat_get: 'calls=100,usec=200,usec_per_call=2.00,rejected_calls=0,failed_calls=0',
    cmdstat_info: 'calls=900,usec=90000,usec_per_call=100.00,rejected_calls=0,failed_calls=0',
    latency_percentiles_usec_get: 'p50=1.003,p99=7.007,p99.9=9.023',
    errorstat_CROSSSLOT: 'count=1',
    ...change,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}:${value}`);
  return factsOf(parseInfo(`# All\r\n${lines.join('\r\n')}\r\n`), 0.4);
};

const later = (change: Readonly<Record<string, string | number>> = {}) =>
  info({ server_time_usec: 3_000_000, cmdstat_get: 'calls=300,usec=1200', ...change });

function node(change: Partial<RedisNode> = {}): RedisNode {
  return {
    address: '127.0.0.1:17001',
    isInCluster: true,
    slots: 5461,
    facts: known(later()),
    rates: unknownPart('from the next reading'),
    pingsMs: [0.4, 0.4, 0.4],
    timeoutsAtMs: [],
    trail: { facts: undefined, calls: [] },
    ...change,
  };
}

const judged = (nodes: readonly RedisNode[], spread?: RedisNodes['spread']) =>
  redisNodes.judge({ nodes, spread }).map(({ key }) => key);

const ratesAfter = (change: Readonly<Record<string, string | number>>) => {
  const rates = nodeRates(info(), later(change));
  return rates === undefined ? unknownPart<never>('restarted') : known(rates);
};

test('rates by the clock of the server, without what only looks around', () => {
  expect(nodeRates(info(), later({ cmdstat_info: 'calls=1900,usec=190000' }))).toMatchObject({
    seconds: 2,
    ops: 100,
    usecPerCall: 5,
    commands: [{ command: 'get', perSecond: 100, usecPerCall: 5 }],
    errors: {},
  });
  expect(nodeRates(info(), later({ run_id: 'b' }))).toBeUndefined();
  expect(nodeRates(info(), later({ cmdstat_get: 'calls=1,usec=1' }))).toBeUndefined();
});

test('findings of a node', () => {
  expect(judged([node()])).toEqual([]);
  expect(judged([node({ facts: known(later({ used_memory: 96 })) })])).toEqual(['redis.memory.127-0-0-1:17001']);
  expect(judged([node({ facts: known(later({ used_memory: 96, maxmemory_policy: 'allkeys-lru' })) })])).toEqual([]);
  const cut = { role: 'slave', master_link_status: 'down', master_link_down_since_seconds: 9 };
  expect(judged([node({ facts: known(later(cut)) })])).toEqual(['redis.link.127-0-0-1:17001']);
  expect(judged([node({ rates: ratesAfter({ rejected_connections: 4 }) })])).toEqual([
    'redis.rejected.127-0-0-1:17001',
  ]);
  expect(judged([node({ rates: ratesAfter({ errorstat_CROSSSLOT: 'count=5', errorstat_MOVED: 'count=5' }) })])).toEqual(
    ['redis.errors.127-0-0-1:17001.CROSSSLOT'],
  );
  expect(judged([node({ rates: ratesAfter({ cmdstat_evalsha: 'calls=20,usec=200000' }) })])).toEqual([
    'redis.slow.127-0-0-1:17001',
  ]);
  expect(judged([node({ pingsMs: [3, 150, 120, 180] })])).toEqual(['redis.ping.127-0-0-1:17001']);
  expect(judged([node({ pingsMs: [150, 150, 2] })])).toEqual([]);
  expect(judged([node({ timeoutsAtMs: [1, 2] })])).toEqual(['redis.timeouts.127-0-0-1:17001']);
  expect(judged([node({ facts: unknownPart('gives no answer'), timeoutsAtMs: [1, 2, 3] })])).toEqual([]);
});

test('a shard is hot from half as much again as the mean, while the load matters', () => {
  const spread = { hottest: '127.0.0.1:17001', opsPerSecond: 3_188, meanPerSecond: 2_004, factor: 1.59, seconds: 2 };
  expect(judged([node()], spread)).toEqual(['redis.hot-shard.127-0-0-1:17001']);
  expect(judged([node()], { ...spread, factor: 1.4 })).toEqual([]);
  expect(judged([node()], { ...spread, opsPerSecond: 60, meanPerSecond: 20, factor: 3 })).toEqual([]);
});

test('a key is hot that takes far more than its part of what is much', () => {
  const key = { key: 'k', slot: 1, hashTag: undefined, node: undefined };
  const of = (share: number, perSecond: number, distinct: number) =>
    hotKeys({ keys: [{ ...key, share, perSecond }], distinct }).length;
  expect(of(0.3, 300, 200)).toBe(1);
  expect(of(0.25, 300, 4)).toBe(0);
  expect(of(0.1, 300, 200)).toBe(0);
  expect(of(0.9, 10, 200)).toBe(0);
});

test('slow commands by key; a script names its keys behind their number', () => {
  const args = ['evalsha', 'f00', '1', 'balance:{1}', 'x'];
  expect(
    slowKeys([
      { at: 1, usec: 20_000, args },
      { at: 2, usec: 15_000, args },
      { at: 3, usec: 30_000, args: ['LRANGE', 'big\u001b[2J', '0', '-1'] },
      { at: 4, usec: 9_000, args: ['COMMAND', 'INFO', 'get'] },
      { at: 5, usec: 8_000, args: ['EVAL', 'return 1', '0', 'an argument'] },
    ]),
  ).toEqual([
    { key: 'balance:{1}', command: 'evalsha', calls: 2, usec: 35_000 },
    { key: 'big', command: 'lrange', calls: 1, usec: 30_000 },
    { key: undefined, command: 'command', calls: 1, usec: 9_000 },
    { key: undefined, command: 'eval', calls: 1, usec: 8_000 },
  ]);
});
