import { cluster } from './cluster/cluster.ts';
import { dlq } from './dlq/dlq.ts';
import { engines } from './engines/engines.ts';
import { freshness } from './freshness/freshness.ts';
import { isr } from './isr/isr.ts';
import { lag } from './lag/lag.ts';
import { offsets } from './offsets/offsets.ts';
import { outbox } from './outbox/outbox.ts';
import type { Panel } from './panel.ts';
import { transactions } from './transactions/transactions.ts';
import { workers } from './workers/workers.ts';

/** Every panel: one line each. Each probe has one; screens choose among them. */
export const panels: readonly Panel[] = [
  engines,
  workers,
  outbox,
  lag,
  freshness,
  dlq,
  cluster,
  isr,
  offsets,
  transactions,
];
