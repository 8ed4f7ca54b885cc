import { z } from 'zod';
import { messageOf } from '../../infra/errors.ts';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { refill } from '../../infra/redis/cache.ts';
import { connectRedis, redisClient } from '../../infra/redis/client.ts';
import { runWorker, type WorkerContext } from '../host/worker.ts';
import { loadAccount, readBalance } from './read.ts';

const options = z.object({
  firstAccount: z.number().int(),
  accounts: z.number().int().min(1),
  readsPerSecond: z.number().positive().default(200),
  ttlMs: z.number().int().positive().default(60_000),
  /** Share of the TTL by which it varies up and down: what was cached together must not run out together. */
  ttlJitter: z.number().min(0).max(1).default(0.1),
});

await runWorker(async (context) => {
  const { boot, scope, clientId, counters, cacheKeys } = context;
  const { firstAccount, accounts, readsPerSecond, ttlMs, ttlJitter } = options.parse(boot.options);
  const redis = redisClient(boot.endpoints.redis, clientId);
  await connectRedis(redis);
  const pool = mysqlPool({ endpoint: boot.endpoints.mysql, database: scope.database, connections: 4, owner: clientId });
  const cacheAside = {
    counters,
    get(key: string) {
      cacheKeys.count(key);
      return redis.get(key);
    },
    load: (accountId: bigint) => loadAccount(pool, accountId),
    refill: (key: string, entry: Parameters<typeof refill>[2]) => refill(redis, key, entry, jittered(ttlMs, ttlJitter)),
  };
  let next = 0;
  const reading = atRate(context, readsPerSecond, () => {
    const accountId = BigInt(firstAccount + (next++ % accounts));
    return readBalance({ accountId, key: scope.cacheKey(accountId) }, cacheAside);
  });
  const stop = async () => {
    await reading;
    redis.disconnect();
    await pool.end();
  };
  return { mode: `cache-aside, ttl ${ttlMs} ms`, done: new Promise<void>(() => {}), stop };
});

function jittered(ttlMs: number, share: number): number {
  return Math.max(1, Math.round(ttlMs * (1 + share * (2 * Math.random() - 1))));
}

/** One read after the other at the given rate; a failing engine is reported and the next read tries again. */
async function atRate(context: WorkerContext, perSecond: number, read: () => Promise<unknown>): Promise<void> {
  const { clock, signal, counters } = context;
  const pauseAfterFailureMs = 500;
  let dueAt = clock.monotonic();
  while (!signal.aborted) {
    try {
      await read();
      context.clear('read');
    } catch (error) {
      counters.add('failures');
      context.report({ key: 'read', message: `reads fail: ${messageOf(error)}` });
      await clock.sleep(pauseAfterFailureMs, signal).catch(() => {});
    }
    // What could not be done in time is not made up for: a slow engine must not meet a burst when it recovers.
    dueAt = Math.max(dueAt + 1_000 / perSecond, clock.monotonic() - 100);
    const wait = dueAt - clock.monotonic();
    if (wait > 0) await clock.sleep(wait, signal).catch(() => {});
  }
}
