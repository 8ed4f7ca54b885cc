import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { redisServers } from '../../redis/places.ts';
import { type NodeFacts, nodeRates, readNode } from '../../redis/read-node.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { mysqlCommand, redisCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { type WorkerHealth, workersHealth } from '../stack/workers-health.ts';
import { cacheHitRatioRows } from './hit-ratio-rows.ts';
import { judgeCacheHitRatio, sampleOf } from './stampede.ts';

/** Each part is unknown by itself: without heartbeats there is still Redis, without MySQL there are still the ratios. */
export interface CacheHitRatio {
  /** As Redis counts: every lookup of every client, scripts and labctl's own looks included. */
  readonly keyspace: Part<KeyspaceRates>;
  /** As those count that read balances through the cache: a tombstone is a miss to them, to Redis it is a hit. */
  readonly readers: Part<ReaderRates>;
  readonly database: Part<DatabaseRates>;
  /** Readings before this one, oldest first: what a drop is judged against. */
  readonly history: readonly HitSample[];
  /** What the next reading continues from. */
  readonly trail: {
    readonly redis: readonly NodeFacts[];
    readonly workers: readonly WorkerHealth[];
    readonly status: DatabaseStatus | undefined;
  };
}

export interface KeyspaceRates {
  readonly hits: number;
  readonly misses: number;
  readonly evicted: number;
  readonly expired: number;
}

export interface ReaderRates {
  readonly workers: readonly string[];
  readonly hits: number;
  readonly misses: number;
  /** Loads from the database, a second. */
  readonly loads: number;
}

export interface DatabaseRates {
  /** Statements of clients, a second. */
  readonly questions: number;
  readonly selects: number;
}

/** One reading as far as a stampede needs it, a second. */
export interface HitSample {
  readonly atMs: number;
  /** 0 … 1; undefined while nobody reads or nothing is known. */
  readonly ratio: number | undefined;
  readonly reads: number;
  readonly loads: number | undefined;
  readonly questions: number | undefined;
}

interface DatabaseStatus {
  readonly uptimeSeconds: number;
  readonly questions: number;
  readonly selects: number;
  readonly atMs: number;
}

const historyKept = 120;

const statusSql = `SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Com_select', 'Uptime')`;

export const cacheHitRatio: Probe<CacheHitRatio> = {
  id: 'cache.hit-ratio',
  title: { ko: '캐시 적중률', en: 'Cache hit ratio' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read(target, context) {
    const before = context.previous?.value;
    const [redis, workers, status] = await Promise.all([
      partly(readRedis(target)),
      partly(readReaders(target, context)),
      partly(readStatus(target, context.nowMs)),
    ]);
    const refusal = [redis, workers].find((part) => !part.known);
    if (!redis.known && !workers.known && refusal?.known === false) throw new UnknownValue(redis.reason);
    const value = {
      keyspace: redis.known ? keyspaceRates(before?.trail.redis, redis.value) : redis,
      readers: workers.known ? readerRates(workers.value) : workers,
      database: status.known ? databaseRates(before?.trail.status, status.value) : status,
    };
    const last = before === undefined ? [] : [sampleOf(before, context.previous?.takenAtMs ?? context.nowMs)];
    return {
      ...value,
      history: [...(before?.history ?? []), ...last].slice(-historyKept),
      trail: {
        redis: redis.known ? redis.value : [],
        workers: workers.known ? workers.value : [],
        status: status.known ? status.value : undefined,
      },
    };
  },
  judge: (value) => judgeCacheHitRatio(value.history, sampleOf(value, 0)),
  numbers(value) {
    const { ratio, loads, questions } = sampleOf(value, 0);
    return {
      ...(ratio === undefined ? {} : { ratio }),
      ...(loads === undefined ? {} : { loads }),
      ...(questions === undefined ? {} : { questions }),
    };
  },
  rows: cacheHitRatioRows,
  verifyWith(target) {
    const { endpoints, roles } = target;
    return [
      ...(endpoints.redis === undefined
        ? []
        : [
            {
              command: redisCommand(target, 'INFO stats'),
              shows: {
                ko: 'keyspace_hits, keyspace_misses, evicted_keys, expired_keys: 두 번 읽은 차이가 초당 값',
                en: 'keyspace_hits, keyspace_misses, evicted_keys, expired_keys: the difference of two readings is the rate',
              },
            },
          ]),
      ...(endpoints.mysql === undefined
        ? []
        : [
            {
              command: mysqlCommand(target, statusSql),
              shows: { ko: 'Questions와 Com_select', en: 'Questions and Com_select' },
            },
          ]),
      ...(roles.heartbeats === undefined
        ? []
        : [
            {
              command: mysqlCommand(target, `SELECT worker, counters FROM ${roles.heartbeats.table}`),
              shows: {
                ko: '조회 워커의 hits, misses, loads 카운터',
                en: 'the counters hits, misses and loads of those that read',
              },
            },
          ]),
    ];
  },
};

/** Whatever goes wrong is the part's reason. */
async function partly<T>(reading: Promise<T>): Promise<Part<T>> {
  try {
    return known(await reading);
  } catch (error) {
    return unknownPart(printable(messageOf(error)).slice(0, 200));
  }
}

/** The server that is named, or all masters of its cluster. */
async function readRedis(target: Target): Promise<readonly NodeFacts[]> {
  const { standalone, cluster } = await redisServers(target);
  if (standalone !== undefined) return [await readNode(standalone.client)];
  if (cluster === undefined) throw new UnknownValue(`${notMapped}: no Redis is named`);
  const masters = cluster.filter(({ member }) => member === undefined || member.slots.length > 0);
  return Promise.all(masters.map(({ client }) => readNode(client)));
}

function keyspaceRates(before: readonly NodeFacts[] | undefined, now: readonly NodeFacts[]): Part<KeyspaceRates> {
  if (before === undefined || before.length === 0) return unknownPart('from the next reading');
  const sum = { hits: 0, misses: 0, evicted: 0, expired: 0 };
  for (const facts of now) {
    const earlier = before.find(({ runId }) => runId === facts.runId);
    const rates = earlier === undefined ? undefined : nodeRates(earlier, facts);
    if (rates === undefined) return unknownPart('Redis was restarted');
    for (const name of ['hits', 'misses', 'evicted', 'expired'] as const) sum[name] += rates[name];
  }
  return known(sum);
}

type Context = Parameters<Probe<CacheHitRatio>['read']>[1];

/** Workers that count hits and misses; those that fell silent read nothing. */
async function readReaders(target: Target, { signal, nowMs, previous }: Context): Promise<readonly WorkerHealth[]> {
  const before = previous && { value: { workers: previous.value.trail.workers }, takenAtMs: previous.takenAtMs };
  const { workers } = await workersHealth.read(target, { signal, nowMs, previous: before });
  return workers.filter(({ counters, beatAgeMs }) => {
    const counts = counters.hits !== undefined || counters.misses !== undefined;
    return counts && beatAgeMs.known && beatAgeMs.value < silentMs;
  });
}

const silentMs = 5_000;

function readerRates(workers: readonly WorkerHealth[]): Part<ReaderRates> {
  if (workers.length === 0) return unknownPart('nobody counts hits');
  const rates = workers.flatMap(({ perSecond }) => (perSecond === undefined ? [] : [perSecond]));
  if (rates.length < workers.length) return unknownPart('from the next reading');
  const sum = (counter: string): number => rates.reduce((total, rate) => total + (rate[counter] ?? 0), 0);
  return known({
    workers: workers.map(({ worker }) => worker),
    hits: sum('hits'),
    misses: sum('misses'),
    loads: sum('loads'),
  });
}

async function readStatus({ mysql }: Target, atMs: number): Promise<DatabaseStatus> {
  const row = z.object({ Variable_name: z.string(), Value: z.coerce.number() });
  const rows = await mysql.query(statusSql, [], row);
  const of = (name: string): number => rows.find(({ Variable_name }) => Variable_name === name)?.Value ?? 0;
  return { uptimeSeconds: of('Uptime'), questions: of('Questions'), selects: of('Com_select'), atMs };
}

function databaseRates(before: DatabaseStatus | undefined, now: DatabaseStatus): Part<DatabaseRates> {
  if (before === undefined) return unknownPart('from the next reading');
  const seconds = (now.atMs - before.atMs) / 1000;
  const wasRestarted = now.uptimeSeconds < before.uptimeSeconds || now.questions < before.questions;
  if (wasRestarted || seconds <= 0) return unknownPart('MySQL was restarted');
  const per = (name: 'questions' | 'selects'): number => Math.max(0, now[name] - before[name]) / seconds;
  return known({ questions: per('questions'), selects: per('selects') });
}
