import type { CacheHitRatio } from '../../../../infra/probes/cache/hit-ratio.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { perSecond } from '../../ui/format.ts';
import { cut, join, type Line, line, span, spread } from '../../ui/line.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  readers: { ko: '조회 워커', en: 'readers' },
  keyspace: { ko: 'Redis', en: 'Redis' },
  database: { ko: 'MySQL', en: 'MySQL' },
  nobody: { ko: '조회 없음', en: 'nobody reads' },
  hits: { ko: '적중', en: 'hits' },
  misses: { ko: '미스', en: 'misses' },
  loads: { ko: 'DB 조회', en: 'loads' },
  evicted: { ko: '축출', en: 'evicted' },
  expired: { ko: '만료', en: 'expired' },
  questions: { ko: '문장', en: 'statements' },
  selects: { ko: 'SELECT', en: 'selects' },
} as const;

type Ratio = { readonly hits: number; readonly misses: number };

/** Who counts, a line each: the ratio, what it is made of, and its trend. */
export function hitRatioRows({ readers, keyspace, database }: CacheHitRatio, context: RowsContext): readonly Line[] {
  const lines = [
    partLine(words.readers, readers, context, ({ loads, ...counts }) => ({
      cells: [...ratioCells(counts, context), [words.loads, loads] as const],
      trend: 'ratio',
      calm: 1,
    })),
    partLine(words.keyspace, keyspace, context, ({ evicted, expired, ...counts }) => ({
      cells: [...ratioCells(counts, context), [words.evicted, evicted] as const, [words.expired, expired] as const],
      trend: undefined,
      calm: 0,
    })),
    partLine(words.database, database, context, ({ questions, selects }) => ({
      cells: [[words.questions, questions] as const, [words.selects, selects] as const],
      trend: 'questions',
      calm: 100,
    })),
  ];
  return lines.map((row) => cut(row, context.width));
}

interface Shown {
  readonly cells: readonly (string | readonly [Text, number])[];
  readonly trend: string | undefined;
  readonly calm: number;
}

function partLine<T>(
  name: Text,
  part: Part<T>,
  { width, language, trend, toneOf }: RowsContext,
  shown: (value: T) => Shown,
): Line {
  const label = span(`${say(name, language)}  `, 'muted');
  if (!part.known) return [label, span(`${marks.unknown} ${printable(part.reason)}`, 'unknown')];
  const { cells, trend: number, calm } = shown(part.value);
  const texts = cells.map((cell): Line => {
    if (typeof cell === 'string') return line(cell, toneOf('stampede') === 'ok' ? 'plain' : 'critical', { bold: true });
    return [span(`${say(cell[0], language)} `, 'muted'), span(perSecond(cell[1]))];
  });
  const left: Line = [label, ...join(texts, line('  '))];
  const samples = number === undefined ? [] : trend(number);
  if (highest(samples) === 0) return left;
  return spread(left, line(sparkline(samples, width >= 100 ? 40 : 14, calm), 'accent'), width);
}

function ratioCells({ hits, misses }: Ratio, { language }: RowsContext): Shown['cells'] {
  const reads = hits + misses;
  return [
    reads === 0 ? say(words.nobody, language) : `${((hits / reads) * 100).toFixed(1)} %`,
    [words.hits, hits],
    [words.misses, misses],
  ];
}

export function hitRatioSummary({ readers, keyspace }: CacheHitRatio, { language }: RowsContext): Line {
  const counts = readers.known ? readers.value : keyspace.known ? keyspace.value : undefined;
  if (counts === undefined)
    return line(`${marks.unknown} ${keyspace.known ? '' : printable(keyspace.reason)}`, 'unknown');
  const reads = counts.hits + counts.misses;
  return reads === 0
    ? line(say(words.nobody, language), 'muted')
    : line(`${say(words.hits, language)} ${((counts.hits / reads) * 100).toFixed(1)} %`);
}
