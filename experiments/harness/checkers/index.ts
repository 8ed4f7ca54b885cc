import { acknowledged } from './acknowledged.ts';
import { appliedTwice } from './applied-twice.ts';
import type { Checker } from './checker.ts';
import { drift } from './drift.ts';
import { lost } from './lost.ts';
import { order } from './order.ts';
import { staleCache } from './stale-cache.ts';
import { unsent } from './unsent.ts';

/** What must hold for the whole path, from the writer's word to the cache. */
export const pipelineCheckers: readonly Checker[] = [
  acknowledged,
  lost,
  appliedTwice,
  unsent,
  drift,
  order,
  staleCache,
];
