import { consumerConfig } from './consumer-config/consumer-config.ts';
import { dlq } from './dlq/dlq.ts';
import { engines } from './engines/engines.ts';
import { freshness } from './freshness/freshness.ts';
import { lag } from './lag/lag.ts';
import { outbox } from './outbox/outbox.ts';
import type { Panel } from './panel.ts';
import { rebalances } from './rebalances/rebalances.ts';
import { workers } from './workers/workers.ts';

/** Every panel: one line each. Each probe has one; screens choose among them. */
export const panels: readonly Panel[] = [engines, workers, outbox, lag, rebalances, consumerConfig, freshness, dlq];
