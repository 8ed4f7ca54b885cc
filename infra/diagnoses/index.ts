import { cache } from './cache.ts';
import { checks } from './checks.ts';
import { deadlock } from './deadlock.ts';
import type { Diagnosis } from './diagnosis.ts';
import { dlq } from './dlq.ts';
import { duplicates } from './duplicates.ts';
import { hotKeys } from './hot-keys.ts';
import { isr } from './isr.ts';
import { lag } from './lag.ts';
import { loss } from './loss.ts';
import { mysql } from './mysql.ts';
import { outbox } from './outbox.ts';
import { projection } from './projection.ts';
import { rebalance } from './rebalance.ts';
import { redis } from './redis.ts';
import { transactions } from './transactions.ts';

/** Every diagnosis, in the order in which `labctl diagnose all` asks. Importing it loads no engine client. */
export const diagnoses: readonly Diagnosis[] = [
  duplicates,
  loss,
  projection,
  outbox,
  lag,
  rebalance,
  dlq,
  isr,
  transactions,
  deadlock,
  mysql,
  cache,
  redis,
  hotKeys,
  checks,
];
