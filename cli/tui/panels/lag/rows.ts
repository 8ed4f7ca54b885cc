import type { GroupLag, KafkaGroupLag, PartitionLag } from '../../../../infra/probes/kafka-group-lag.ts';
import type { Total } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { count, lasted, rateOf } from '../../ui/format.ts';
import { flow, type Line, line, span } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext, withoutHeading } from '../panel.ts';
import { partitionRows } from './partitions.ts';

const words = {
  unknown: { ko: '알 수 없음', en: 'unknown' },
  heading: [
    { ko: '그룹', en: 'group' },
    { ko: '지연', en: 'lag' },
    { ko: '초당 유입→소비', en: 'in→out per s' },
    { ko: '추이', en: 'trend' },
  ],
  partiallyUnknown: ({ unknown, parts }: Total): Text => ({
    ko: `파티션 ${parts}개 중 ${unknown}개를 알 수 없음`,
    en: `${unknown} of ${parts} partitions unknown`,
  }),
  leaderless: { ko: '리더 없음', en: 'no leader' },
  waited: (age: Text): Text => ({ ko: `${age.ko} 넘게 대기`, en: `waiting for over ${age.en}` }),
  still: (age: Text): Text => ({ ko: `${age.ko} 동안 진행 없음`, en: `no progress for ${age.en}` }),
} as const;

/** A group a line; beneath it what is odd about it, and, where there is room, its partitions. */
export function lagRows({ groups }: KafkaGroupLag, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const heading = words.heading.map((text) => line(say(text, language), 'muted'));
  const [top, ...rows] = table([heading, ...groups.map((group) => cellsOf(group, context))], {
    width,
    columns: [{ grow: true }, { align: 'right' }, { align: 'right', drop: 1 }, { drop: 2 }],
  });
  const body = (withPartitions: boolean): readonly Line[] => [
    ...(top === undefined ? [] : [top]),
    ...groups.flatMap((group, index) => [
      rows[index] ?? [],
      ...oddities(group, language),
      ...(withPartitions ? partitionLines(group, width) : []),
    ]),
  ];
  if (width < wideFrom) return withoutHeading(body(false), context);
  const detailed = [...body(false), ...groups.flatMap((group) => partitionRows(group, context))];
  return context.scrolls || detailed.length <= context.height ? detailed : body(true);
}

const wideFrom = 60;
/** Trends reach full height here at the soonest: a few records of lag are what is in flight. */
const calmRecords = 100;

function cellsOf(group: GroupLag, { language, trend, toneOf, width }: RowsContext): readonly Line[] {
  const found = toneOf(group.role);
  const tone = found === 'ok' && group.lag.unknown > 0 ? 'unknown' : found;
  const history = trend(`lag.${group.role}`);
  const cells = width >= 100 ? 40 : width >= wideFrom ? 20 : 6;
  const { perSecond: rate } = group;
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(group.role)],
    line(lagOf(group.lag, language), 'plain', { bold: true }),
    rate === undefined ? [] : line(`${rateOf(rate.produced)} → ${rateOf(rate.consumed)}`),
    highest(history) > 0 ? line(sparkline(history, cells, calmRecords), 'accent') : [],
  ];
}

/** Never a bare number when parts of it are unknown. */
export function lagOf({ atLeast, unknown, parts }: Total, language: Language): string {
  if (unknown === parts) return `? ${say(words.unknown, language)}`;
  if (unknown === 0) return count(atLeast);
  return language === 'ko' ? `${count(atLeast)} 이상` : `at least ${count(atLeast)}`;
}

function oddities(group: GroupLag, language: Language): readonly Line[] {
  const lines: Line[] = [];
  const note = (text: string, tone: 'unknown' | 'warning' | 'muted'): void => {
    lines.push([span('    '), span(text, tone)]);
  };
  const { partitions, state, lag } = group;
  if (!partitions.known) note(printable(partitions.reason), 'unknown');
  else if (lag.unknown > 0)
    note(say(words.partiallyUnknown(lag), language) + leaderlessOf(partitions.value, language), 'unknown');
  if (!state.known) note(printable(state.reason), 'unknown');
  else if (state.value !== 'Stable') note(`${group.groupId}: ${printable(state.value)}`, 'warning');
  const slowest = partitions.known ? slowestOf(partitions.value) : undefined;
  if (slowest !== undefined && slowest.stillMs >= noticeMs)
    note(`p${slowest.partition} ${say(words.still(lasted(slowest.stillMs)), language)}`, 'warning');
  else if (slowest !== undefined && slowest.waitedMs >= noticeMs)
    note(`p${slowest.partition} ${say(words.waited(lasted(slowest.waitedMs)), language)}`, 'muted');
  return lines;
}

/** Below this, waiting is the normal rhythm of fetching and committing. */
const noticeMs = 5_000;

const slowestOf = (partitions: readonly PartitionLag[]): PartitionLag | undefined =>
  [...partitions].sort((a, b) => b.stillMs - a.stillMs || b.waitedMs - a.waitedMs)[0];

function leaderlessOf(partitions: readonly PartitionLag[], language: Language): string {
  const without = partitions.filter(({ leader }) => leader === undefined).map(({ partition }) => `p${partition}`);
  return without.length === 0 ? '' : ` (${say(words.leaderless, language)}: ${without.join(' ')})`;
}

/** All partitions side by side: `p0 812  p1 ?  p2 940`. */
function partitionLines({ partitions }: GroupLag, width: number): readonly Line[] {
  if (!partitions.known || partitions.value.length === 0) return [];
  const cells = partitions.value.map(
    ({ partition, lag }): Line => [
      span(`p${partition} `, 'muted'),
      lag.known ? span(count(lag.value), lag.value > 0n ? 'plain' : 'muted') : span(marks.unknown, 'unknown'),
    ],
  );
  return flow(cells, { width, indent: 4 });
}

export function lagSummary({ groups }: KafkaGroupLag, { language }: RowsContext): Line {
  return line(groups.map(({ role, lag }) => `${role} ${lagOf(lag, language)}`).join(' · '));
}
