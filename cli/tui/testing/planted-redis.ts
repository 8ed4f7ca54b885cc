import type { CacheHitRatio } from '../../../infra/probes/cache/hit-ratio.ts';
import type { CacheEntry } from '../../../infra/probes/cache/look.ts';
import type { CacheStaleness } from '../../../infra/probes/cache/staleness.ts';
import { known, unknownPart } from '../../../infra/probes/reading.ts';
import type { ClusterNode, RedisCluster } from '../../../infra/probes/redis/cluster.ts';
import { hotKeyOf } from '../../../infra/probes/redis/hot-key.ts';
import type { RedisHotKeys } from '../../../infra/probes/redis/hot-keys.ts';
import type { RedisNode, RedisNodes } from '../../../infra/probes/redis/nodes.ts';
import { keysTogether } from '../../../infra/redis/cluster/key-places.ts';
import { parseInfo } from '../../../infra/redis/info.ts';
import { factsOf, nodeRates } from '../../../infra/redis/read-node.ts';
import { plantedAtMs } from './ticks.ts';

/** Values of the probes of cache and Redis, planted for tests of what is drawn. */

function redisNode(port: number, gets: number, change: Partial<RedisNode> = {}): RedisNode {
  const facts = (atSeconds: number, calls: number) =>
    factsOf(
      parseInfo(
        [
          'run_id:a',
          'redis_version:7.0.15',
          `role:${port > 17003 ? 'slave' : 'master'}`,
          'master_link_status:up',
          `server_time_usec:${atSeconds * 1e6}`,
          'used_memory:2097152',
          'maxmemory:67108864',
          'connected_clients:12',
          'blocked_clients:1',
          `cmdstat_get:calls=${calls},usec=${calls * 3}`,
          'latency_percentiles_usec_get:p50=1,p99=12.031,p99.9=20',
        ].join('\n'),
      ),
      0.6,
    );
  const rates = nodeRates(facts(1, 0), facts(2, gets));
  return {
    address: `127.0.0.1:${port}`,
    isInCluster: true,
    slots: port > 17003 ? 0 : 5461,
    facts: known(facts(2, gets)),
    rates: rates === undefined ? unknownPart('from the next reading') : known(rates),
    pingsMs: [0.6],
    timeoutsAtMs: [],
    trail: { facts: undefined, calls: [] },
    ...change,
  };
}

/** One shard is hot, and one node does not answer. */
export function plantedRedisNodes(): RedisNodes {
  const reason = 'Redis at 127.0.0.1:17004 gives no answer';
  const silent = { facts: unknownPart<never>(reason), rates: unknownPart<never>(reason), timeoutsAtMs: [1, 2] };
  return {
    nodes: [redisNode(17001, 3_188), redisNode(17002, 1_429), redisNode(17003, 1_396), redisNode(17004, 0, silent)],
    spread: { hottest: '127.0.0.1:17001', opsPerSecond: 3_188, meanPerSecond: 2_004, factor: 1.59, seconds: 10 },
  };
}

function clusterNode(port: number, change: Partial<ClusterNode>): ClusterNode {
  return {
    id: `id-${port}`,
    address: `127.0.0.1:${port}`,
    role: 'master',
    masterId: undefined,
    health: 'ok',
    slots: 0,
    ranges: '',
    epoch: 1,
    ...change,
  };
}

/** After a failover: the old master is gone, and its heir serves; three keys that do not go together. */
export function plantedRedisCluster(): RedisCluster {
  const nodes = [
    clusterNode(17001, { health: 'failing' }),
    clusterNode(17002, { slots: 8_192, ranges: '8192-16383' }),
    clusterNode(17004, { slots: 8_192, ranges: '0-8191', epoch: 7 }),
    clusterNode(17005, { role: 'replica', masterId: 'id-17002' }),
  ];
  const view = { state: 'ok', slotsOk: 16_384, slotsPfail: 0, slotsFail: 0, epoch: 7 };
  return {
    cluster: known({
      views: nodes.map(({ address }, index) => ({
        address,
        view: index === 0 ? unknownPart<never>('cannot be reached (ECONNREFUSED)') : known(view),
      })),
      nodes,
      slots: { assigned: 16_384, pfail: 0, fail: 0, uncovered: 0 },
      epoch: 7,
      failovers: [
        { atMs: plantedAtMs - 40_000, from: '127.0.0.1:17001', to: '127.0.0.1:17004', slots: 8_192, epoch: 7 },
      ],
      moves: [],
    }),
    keys: keysTogether(['balance:{1}', 'seq:{1}', '잔액\u001b[31m:2'], []),
  };
}

export function plantedEntry(change: Partial<CacheEntry>): CacheEntry {
  return {
    kind: 'stale',
    accountId: 1204n,
    key: 'balance:1204',
    cached: 'E:3:300',
    ttlMs: 24_300,
    row: { accountId: 1204n, balance: 500n, seq: 5n },
    invalidation: { state: 'consumed', dedupKey: 'tx-9:1204', partition: 2, offset: 812n, committed: 900n },
    sinceMs: plantedAtMs,
    ...change,
  };
}

export function plantedCache(change: Partial<CacheStaleness> = {}): CacheStaleness {
  return {
    checked: 150,
    fresh: 120,
    tombstones: 20,
    absent: 7,
    unread: undefined,
    entries: [
      plantedEntry({ kind: 'pending', key: 'balance:7', invalidation: { state: 'pending', dedupKey: 'tx-1:7' } }),
      plantedEntry({}),
      plantedEntry({
        kind: 'undecodable',
        key: 'balance:8',
        cached: '\u001b[2Jfive\nhundred',
        invalidation: undefined,
      }),
    ],
    ttl: { entries: 122, minMs: 900, medianMs: 31_000, maxMs: 65_900, together: { entries: 6, inMs: 900 } },
    withoutTtl: [],
    sweptTo: 100n,
    example: 1204n,
    ...change,
  };
}

export function plantedHitRatio(change: Partial<CacheHitRatio> = {}): CacheHitRatio {
  return {
    keyspace: known({ hits: 410, misses: 60, evicted: 0, expired: 2.4 }),
    readers: known({ workers: ['balance-reader'], hits: 180, misses: 20, loads: 20 }),
    database: known({ questions: 912, selects: 240 }),
    history: [],
    trail: { redis: [], workers: [], status: undefined },
    ...change,
  };
}

export function plantedHotKeys(change: Partial<RedisHotKeys> = {}): RedisHotKeys {
  return {
    clients: known({
      workers: ['balance-reader', 'cache-invalidator'],
      perSecond: 1_000,
      distinct: 400,
      windowMs: 10_000,
      keys: [
        hotKeyOf('balance:{HOT}', 300, 0.3, '127.0.0.1:17001'),
        hotKeyOf('balance:\u001b[31m2', 4, 0.004, '127.0.0.1:17002'),
      ],
      slots: [{ slot: 896, perSecond: 300, share: 0.3 }],
    }),
    nodes: known(plantedRedisNodes()),
    servers: [
      {
        address: '127.0.0.1:17001',
        keys: known({ slow: [{ key: 'big', command: 'lrange', calls: 2, usec: 60_000 }], slots: [] }),
      },
    ],
    ...change,
  };
}
