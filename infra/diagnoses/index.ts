import { cache } from './cache.ts';
import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';
import { hotKeys } from './hot-keys.ts';
import { redis } from './redis.ts';

/** Every diagnosis, in the order in which `labctl diagnose all` asks. Importing it loads no engine client. */
export const diagnoses: readonly Diagnosis[] = [dlq, cache, redis, hotKeys];
