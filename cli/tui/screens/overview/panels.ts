import { engines } from '../../panels/engines/engines.ts';
import { freshness } from '../../panels/freshness/freshness.ts';
import { lag } from '../../panels/lag/lag.ts';
import { outbox } from '../../panels/outbox/outbox.ts';
import type { Panel } from '../../panels/panel.ts';
import { workers } from '../../panels/workers/workers.ts';
import { turnByTurn } from '../panel-grid.ts';

/** The Overview's panels, column by column. */
export const overviewColumns: readonly (readonly Panel[])[] = [
  [engines, workers],
  [freshness, lag, outbox],
];

export const overviewPanels: readonly Panel[] = turnByTurn(overviewColumns);
