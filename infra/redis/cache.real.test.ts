import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { invalidate, refill } from './cache.ts';
import { connectRedis, redisClient } from './client.ts';

async function cacheKey(): Promise<{ redis: Redis; key: string }> {
  const redis = redisClient(inject('endpoints').redis, 'test');
  await connectRedis(redis);
  const key = `test:${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    await redis.del(key);
    redis.disconnect();
  });
  return { redis, key };
}

const entry = (accountSeq: bigint, balance = accountSeq * 10n) => ({ kind: 'entry', accountSeq, balance }) as const;
const ttlMs = 60_000;

test('a refill read before an invalidation is not stored after it; one as new as it is', async () => {
  const { redis, key } = await cacheKey();
  await invalidate(redis, [{ key, accountSeq: 5n }]);
  expect(await refill(redis, key, entry(4n), ttlMs)).toBe(false);
  expect(await redis.get(key)).toBe('T:5');
  expect(await refill(redis, key, entry(5n), ttlMs)).toBe(true);
  expect(await redis.get(key)).toBe('E:5:50');
});

test('a late invalidation leaves newer entries and its own version alone, and removes older ones', async () => {
  const { redis, key } = await cacheKey();
  await refill(redis, key, entry(7n), ttlMs);
  expect(await invalidate(redis, [{ key, accountSeq: 6n }])).toBe(0);
  expect(await invalidate(redis, [{ key, accountSeq: 7n }])).toBe(0);
  expect(await redis.get(key)).toBe('E:7:70');
  expect(await invalidate(redis, [{ key, accountSeq: 8n }])).toBe(1);
  expect(await redis.get(key)).toBe('T:8');
});

test('an older refill never replaces a newer entry, and an older tombstone never a newer one', async () => {
  const { redis, key } = await cacheKey();
  await refill(redis, key, entry(9n), ttlMs);
  expect(await refill(redis, key, entry(8n), ttlMs)).toBe(false);
  await invalidate(redis, [{ key, accountSeq: 12n }]);
  expect(await invalidate(redis, [{ key, accountSeq: 11n }])).toBe(0);
  expect(await redis.get(key)).toBe('T:12');
});

test('negative balances and 64-bit values survive', async () => {
  const { redis, key } = await cacheKey();
  await refill(redis, key, entry(3n, -9_007_199_254_740_993n), ttlMs);
  expect(await redis.get(key)).toBe('E:3:-9007199254740993');
  expect(await redis.pttl(key)).toBeGreaterThan(0);
});
