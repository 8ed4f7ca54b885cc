import type { Part } from '../reading.ts';
import type { CacheHitRatio } from './hit-ratio.ts';
import { sampleOf } from './stampede.ts';

export function cacheHitRatioRows(value: CacheHitRatio): readonly (readonly string[])[] {
  const { keyspace, readers, database } = value;
  const row = <T>(name: string, part: Part<T>, cells: (known: T) => readonly string[]): readonly string[] => {
    const filled = part.known ? cells(part.value) : [`? ${part.reason}`];
    return [name, ...filled, ...Array(Math.max(0, 6 - filled.length)).fill('')];
  };
  const percent = ({ hits, misses }: { readonly hits: number; readonly misses: number }): string =>
    hits + misses === 0 ? '-' : `${((hits / (hits + misses)) * 100).toFixed(1)} %`;
  return [
    ['COUNTED BY', 'RATIO', 'HITS/S', 'MISSES/S', 'LOADS/S', 'EVICTED/S', 'EXPIRED/S'],
    row('readers', readers, (rates) => [
      percent(rates),
      rates.hits.toFixed(1),
      rates.misses.toFixed(1),
      rates.loads.toFixed(1),
    ]),
    row('Redis', keyspace, (rates) => [
      percent(rates),
      rates.hits.toFixed(1),
      rates.misses.toFixed(1),
      '',
      rates.evicted.toFixed(1),
      rates.expired.toFixed(1),
    ]),
    row('MySQL', database, ({ questions, selects }) => [
      `${questions.toFixed(1)} statements/s`,
      '',
      '',
      `${selects.toFixed(1)} selects/s`,
    ]),
    row('ratio before', { known: true, value: value.history.at(-1) ?? sampleOf(value, 0) }, ({ ratio }) => [
      ratio === undefined ? '-' : `${(ratio * 100).toFixed(1)} %`,
    ]),
  ];
}
