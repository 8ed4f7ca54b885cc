import type { Redis } from 'ioredis';
import { type CacheValue, encodeCacheValue } from '../contract/cache-entry.ts';

/**
 * The versioned cache-aside pair. A refill that was read before an invalidation must not be stored after it, and a late
 * invalidation must not remove a newer entry: each script decides by account_seq, atomically. Both run in one slot.
 */

/** Returns 1 when stored. Stored when its seq ≥ the tombstone's, or > the entry's, or nothing is there. */
const refillScript = `
local current = redis.call('GET', KEYS[1])
local seq = tonumber(ARGV[1])
if current then
  local kind, standing = string.match(current, '^([ET]):(%d+)')
  standing = tonumber(standing)
  if kind == 'T' and seq < standing then return 0 end
  if kind == 'E' and seq <= standing then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** Returns 1 when it took effect. Leaves entries with a seq ≥ its own and tombstones that are newer. */
const invalidateScript = `
local current = redis.call('GET', KEYS[1])
local seq = tonumber(ARGV[1])
if current then
  local kind, standing = string.match(current, '^([ET]):(%d+)')
  standing = tonumber(standing)
  if standing and (standing > seq or (kind == 'E' and standing == seq)) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** Removes an entry whatever its seq; a tombstone stays. */
const evictScript = `
local current = redis.call('GET', KEYS[1])
if current and string.sub(current, 1, 1) == 'E' then return redis.call('DEL', KEYS[1]) end
return 0`;

/** How long the source of a refill may take; a load that is slower is thrown away unstored. */
export const loadTimeoutMs = 2_000;
/** Must outlive every load that may still be on its way with an older value. */
export const tombstoneTtlMs = 5 * loadTimeoutMs;

export async function refill(
  redis: Redis,
  key: string,
  entry: Extract<CacheValue, { kind: 'entry' }>,
  ttlMs: number,
): Promise<boolean> {
  return (await redis.eval(refillScript, 1, key, String(entry.accountSeq), encodeCacheValue(entry), ttlMs)) === 1;
}

/** Drops entries in one pipeline, for a change whose sequence number is not known. @throws the pipeline's first error. */
export async function evict(redis: Redis, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.eval(evictScript, 1, key);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

/** Invalidates in one pipeline. @returns how many took effect. @throws the first error of the pipeline. */
export async function invalidate(
  redis: Redis,
  invalidations: readonly { readonly key: string; readonly accountSeq: bigint }[],
): Promise<number> {
  const pipeline = redis.pipeline();
  for (const { key, accountSeq } of invalidations) {
    const tombstone = encodeCacheValue({ kind: 'tombstone', accountSeq });
    pipeline.eval(invalidateScript, 1, key, String(accountSeq), tombstone, tombstoneTtlMs);
  }
  let effective = 0;
  for (const [error, reply] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    if (reply === 1) effective += 1;
  }
  return effective;
}
