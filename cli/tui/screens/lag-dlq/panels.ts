import { dlq } from '../../panels/dlq/dlq.ts';
import { lag } from '../../panels/lag/lag.ts';
import type { Panel } from '../../panels/panel.ts';
import { rebalances } from '../../panels/rebalances/rebalances.ts';

/** Their tables are wide: one below the other. */
export const lagDlqPanels: readonly Panel[] = [dlq, lag, rebalances];
