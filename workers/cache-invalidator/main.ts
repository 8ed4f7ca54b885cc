import { z } from 'zod';
import { evict, invalidate, loadTimeoutMs } from '../../infra/redis/cache.ts';
import { connectRedis, redisClient } from '../../infra/redis/client.ts';
import { balanceCodec } from '../../infra/registry/codec.ts';
import { startConsumer } from '../host/consumer.ts';
import { runWorker } from '../host/worker.ts';
import { invalidateChunk, openLagWindow } from './invalidate.ts';

const options = z.object({ batchSize: z.number().int().min(1).default(200), trace: z.boolean().default(false) });

await runWorker(async (context) => {
  const { boot, scope, clientId, clock } = context;
  const { batchSize, trace } = options.parse(boot.options);
  const topic = scope.topics.events;
  const codec = await balanceCodec(boot.endpoints.registry, topic);
  const redis = redisClient(boot.endpoints.redis, clientId);
  await connectRedis(redis);
  const lags = openLagWindow(clock.monotonic);
  return startConsumer(context, {
    groupId: scope.groups.invalidator,
    topics: [topic],
    chunkSize: batchSize,
    mode: 'versioned tombstones',
    handle: (chunk) =>
      invalidateChunk(
        { ...chunk, trace },
        {
          ...context,
          codec,
          lags,
          invalidate(events) {
            const changes = events.map(({ accountId, accountSeq }) => ({ key: scope.cacheKey(accountId), accountSeq }));
            for (const { key } of changes) context.cacheKeys.count(key);
            return invalidate(redis, changes);
          },
          async evict(accountIds) {
            const keys = accountIds.map(scope.cacheKey);
            await evict(redis, keys);
            // Without a sequence number there is no tombstone: a load that had begun before may refill the old balance.
            clock.after(loadTimeoutMs, () => void evict(redis, keys).catch(() => {}));
          },
        },
      ),
    async close() {
      redis.disconnect();
    },
  });
});
