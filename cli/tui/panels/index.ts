import { checks } from './checks/checks.ts';
import { dlq } from './dlq/dlq.ts';
import { engines } from './engines/engines.ts';
import { freshness } from './freshness/freshness.ts';
import { lag } from './lag/lag.ts';
import { mysqlDeadlocks } from './mysql/deadlocks.ts';
import { mysqlErrors } from './mysql/errors.ts';
import { mysqlLoad } from './mysql/load.ts';
import { mysqlWaits } from './mysql/waits.ts';
import { outbox } from './outbox/outbox.ts';
import type { Panel } from './panel.ts';
export const panels: readonly Panel[] = [
  engines,
  workers,
  outbox,
  lag,
  freshness,
  dlq,
  checks,
  mysqlWaits,
  mysqlDeadlocks,
  mysqlErrors,
  mysqlLoad,
  redisNodes,
  redisCluster,
  projection,
];
