import { panels } from '../../panels/index.ts';
import type { Panel } from '../../panels/panel.ts';

/**
 * The screen's panels by the question they answer, and in which of two columns they stand where there are two. A panel
 * comes in by its probe's id as soon as there is one.
 */
const questions: readonly { readonly column: 0 | 1; readonly probes: readonly string[] }[] = [
  // What falls behind, and whose fault is it?
  { column: 0, probes: ['kafka.group-lag', 'kafka.rebalances', 'kafka.consumer-config'] },
  // What died?
  { column: 0, probes: ['dlq.groups'] },
  // Are the records safe, and can they be read?
  { column: 1, probes: ['kafka.cluster', 'kafka.isr', 'kafka.transactions', 'kafka.offsets'] },
  // Which shard is hot, and does the cache tell the truth?
  { column: 1, probes: ['redis.nodes', 'redis.cluster', 'redis.hot-keys', 'cache.hit-ratio', 'cache.staleness'] },
];

const panelsOf = (column: 0 | 1, known: readonly Panel[]): readonly Panel[] =>
  questions
    .filter((question) => question.column === column)
    .flatMap(({ probes }) => probes)
    .flatMap((id) => known.find(({ probeId }) => probeId === id) ?? []);

/** Those of `known` that the screen shows, column by column; a column without any is none. */
export const lagDlqColumns = (known: readonly Panel[]): readonly (readonly Panel[])[] =>
  [panelsOf(0, known), panelsOf(1, known)].filter(({ length }) => length > 0);

export const lagDlqPanels: readonly Panel[] = lagDlqColumns(panels).flat();
