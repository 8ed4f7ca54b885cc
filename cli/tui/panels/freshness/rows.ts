import type { OldestUnapplied, Percentiles, PipelineFreshness } from '../../../../infra/probes/pipeline/freshness.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { bar, brailleChart, highest, sparkline } from '../../ui/chart.ts';
import { duration, latency } from '../../ui/format.ts';
import { blank, type Line, line, span, spread, traced, widthOfText } from '../../ui/line.ts';
import { type Column, table } from '../../ui/table.ts';
import { type RowsContext, withoutHeading } from '../panel.ts';

const words = {
  sent: { ko: '커밋→전송', en: 'commit→sent' },
  applied: { ko: '커밋→반영', en: 'commit→applied' },
  cache: { ko: '커밋→캐시', en: 'commit→cache' },
  oldest: { ko: '가장 오래된 미반영', en: 'oldest unapplied' },
  allApplied: { ko: '모두 반영됨', en: 'all applied' },
  quiet: { ko: '지나간 이벤트 없음', en: 'no events passed' },
  samples: (samples: number, windowMs: number): Text => ({
    ko: `최근 ${duration(windowMs, 'ko')}, 이벤트 ${samples}건`,
    en: `${samples} events of the last ${duration(windowMs, 'en')}`,
  }),
  chart: { ko: '커밋→반영 p99의 최근 추이', en: 'commit→applied p99, lately' },
} as const;

/** The three stages that a commit passes, each counted from the commit. */
const stages = [
  { label: words.sent, number: 'sentP99Ms', of: (value: PipelineFreshness) => value.commitToSent },
  { label: words.applied, number: 'appliedP99Ms', of: (value: PipelineFreshness) => value.commitToApplied },
  { label: words.cache, number: 'cacheP99Ms', of: (value: PipelineFreshness) => value.commitToCache },
] as const;

type Stage = Percentiles | { readonly p50Ms: number; readonly p99Ms: number };

export function freshnessRows(value: PipelineFreshness, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const known = stages.flatMap(({ of }) => p99Of(of(value)) ?? []);
  const rows = stages.map((stage) =>
    stageCells(
      { label: say(stage.label, language), stage: stage.of(value), max: Math.max(calmMs, highest(known)) },
      context,
    ),
  );
  const heading = ['', 'p50', 'p99'].map((text) => line(text, 'muted'));
  const stageRows = withTrends(table([heading, ...rows], { width, columns: columnsOf(width) }), context);
  const label = line(say(words.oldest, language), 'muted');
  const head = [aboutOldest(value, spread(label, oldestOf(value.oldestUnapplied, language), width))];
  const tail = samplesLine(value, language);
  const room = { ...context, height: context.height - head.length - tail.length };
  const lines = [...head, ...withoutHeading(stageRows, room), ...tail];
  return [...lines, ...chart(context, context.height - lines.length)];
}

const barCells = 12;
/** Bars and trends reach full height here at the soonest: below a quarter of a second all is well and looks so. */
const calmMs = 250;
const columnsOf = (width: number): readonly Column[] => [
  {},
  { align: 'right' },
  { align: 'right' },
  ...(width >= 56 ? [{ drop: 1 } as const] : []),
];

function stageCells(
  { label, stage, max }: { readonly label: string; readonly stage: Part<Stage>; readonly max: number },
  { language, width }: RowsContext,
): readonly Line[] {
  const name = line(label);
  if (!stage.known) return [name, line('?', 'unknown'), line('?', 'unknown'), line(printable(stage.reason), 'unknown')];
  if (!('p50Ms' in stage.value))
    return [name, line('-', 'muted'), line('-', 'muted'), line(say(words.quiet, language), 'muted')];
  const { p50Ms, p99Ms } = stage.value;
  return [
    name,
    line(latency(p50Ms, language)),
    line(latency(p99Ms, language), 'plain', { bold: true }),
    ...(width >= 56 ? [line(bar(p99Ms, max, barCells), 'accent')] : []),
  ];
}

/** The trend of each stage's p99 in what is left of its line. */
function withTrends(rows: readonly Line[], { width, trend }: RowsContext): readonly Line[] {
  return rows.map((row, index) => {
    const stage = stages[index - 1];
    const history = stage === undefined ? [] : trend(stage.number);
    return highest(history) > 0
      ? spread(row, line(sparkline(history, sparkCells(width), calmMs), 'accent'), width)
      : row;
  });
}

const sparkCells = (width: number): number => (width >= 100 ? 40 : width >= 60 ? 20 : 6);

const p99Of = (stage: Part<Stage>): number | undefined =>
  stage.known && 'p99Ms' in stage.value ? stage.value.p99Ms : undefined;

const aboutOldest = ({ oldestUnapplied }: PipelineFreshness, content: Line): Line =>
  oldestUnapplied.known && oldestUnapplied.value !== null ? traced(content, oldestUnapplied.value.dedupKey) : content;

function oldestOf(oldest: Part<OldestUnapplied | null>, language: Language): Line {
  if (!oldest.known) return line(`? ${printable(oldest.reason)}`, 'unknown');
  if (oldest.value === null) return line(say(words.allApplied, language));
  const { ageMs, exact } = oldest.value;
  const age = duration(ageMs, language);
  return line(exact ? age : language === 'ko' ? `${age} 이상` : `at least ${age}`, 'plain', { bold: true });
}

function samplesLine({ commitToApplied, windowMs }: PipelineFreshness, language: Language): readonly Line[] {
  if (!commitToApplied.known) return [];
  return [line(say(words.samples(commitToApplied.value.samples, windowMs), language), 'muted')];
}

const chartRowsMin = 5;
const chartRowsMax = 24;
/** Fewer make dots, not a course. */
const chartSamplesMin = 10;

/** Where the panel has rows to spare: how the end-to-end time went. */
function chart({ trend, width, language }: RowsContext, rows: number): readonly Line[] {
  const history = trend('appliedP99Ms');
  const max = highest(history);
  if (rows < chartRowsMin || width < 40 || max === 0 || history.length < chartSamplesMin) return [];
  const full = Math.max(calmMs, max);
  const labels = [latency(full, language), latency(0, language)];
  const gutter = Math.max(...labels.map(widthOfText)) + 1;
  const drawn = brailleChart(history, {
    width: width - gutter,
    height: Math.min(rows - 2, chartRowsMax),
    calm: calmMs,
  });
  return [
    blank,
    line(say(words.chart, language), 'muted'),
    ...drawn.map((text, row): Line => {
      const label = (row === 0 ? labels[0] : row === drawn.length - 1 ? labels[1] : undefined) ?? '';
      return [span(`${' '.repeat(gutter - 1 - widthOfText(label))}${label} `, 'muted'), span(text, 'accent')];
    }),
  ];
}

export function freshnessSummary(value: PipelineFreshness, { language }: RowsContext): Line {
  const p99 = p99Of(value.commitToApplied);
  return [
    span(`${say(words.oldest, language)} `, 'muted'),
    ...oldestOf(value.oldestUnapplied, language),
    ...(p99 === undefined ? [] : [span(`  ${say(words.applied, language)} p99 ${latency(p99, language)}`, 'muted')]),
  ];
}
