import { placeName } from '../../../../infra/kafka/place-name.ts';
import type { GroupLag, KafkaGroupLag, PartitionLag } from '../../../../infra/probes/kafka/group-lag.ts';
import { placeOfGroup } from '../../../../infra/probes/kafka/group-lag-waiting.ts';
import type { Total } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { count, lasted, rateOf } from '../../ui/format.ts';
import { flow, type Line, line, span, traced } from '../../ui/line.ts';
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
  split: (blocked: string, markers: string): Text => ({
    ko: `열린 트랜잭션에 막힘 ${blocked} · 마커뿐 ${markers}`,
    en: `${blocked} blocked by an open transaction · ${markers} markers only`,
  }),
  lost: (offsets: string): Text => ({
    ko: `읽기 전에 지워진 오프셋 ${offsets}개`,
    en: `${offsets} offsets deleted unread`,
  }),
  ahead: (offsets: string): Text => ({
    ko: `커밋이 끝보다 ${offsets} 앞섬 (음수 지연)`,
    en: `committed ${offsets} beyond the end (a negative lag)`,
  }),
  drain: (time: Text): Text => ({ ko: `해소까지 ${time.ko}`, en: `drained in ${time.en}` }),
  growing: { ko: '줄지 않음', en: 'does not shrink' },
  hot: (partition: number, share: number, of: 'lag' | 'produced'): Text => ({
    ko: `${of === 'lag' ? '지연' : '유입'}의 ${share}%가 p${partition}`,
    en: `${share} % of ${of === 'lag' ? 'the lag' : 'what comes in'} on p${partition}`,
  }),
  still: (age: Text): Text => ({ ko: `${age.ko} 동안 진행 없음`, en: `no progress for ${age.en}` }),
} as const;

/** A group a line, about the first record that it has not read; beneath it what is odd about it, and, where there is room, its partitions. */
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
  const found = toneOf(group.role.replaceAll('.', '_'));
  const tone = found === 'ok' && group.lag.unknown > 0 ? 'unknown' : found;
  const history = trend(`lag.${group.role}`);
  const cells = width >= 100 ? 40 : width >= wideFrom ? 20 : 6;
  const { perSecond: rate } = group;
  const place = placeOfGroup(group);
  const name = [span(`${marks[tone]} `, tone, { bold: true }), span(printable(group.role))];
  return [
    traced(name, place && placeName(place), `${group.groupId} ${group.topic}`),
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
  for (const { text, tone } of partsOf(group)) note(say(text, language), tone);
  const slowest = partitions.known ? slowestOf(partitions.value) : undefined;
  if (slowest !== undefined && slowest.stillMs >= noticeMs)
    note(`p${slowest.partition} ${say(words.still(lasted(slowest.stillMs)), language)}`, 'warning');
  else if (slowest !== undefined && slowest.waitedMs >= noticeMs)
    note(`p${slowest.partition} ${say(words.waited(lasted(slowest.waitedMs)), language)}`, 'muted');
  return lines;
}

/** What the lag is made of, where that is not simply records to read. */
function partsOf(group: GroupLag): readonly { readonly text: Text; readonly tone: 'warning' | 'muted' }[] {
  const { partitions, blocked, markers, drainMs, hot, readable } = group;
  const all = partitions.known ? partitions.value : [];
  const sum = (read: (partition: PartitionLag) => bigint): bigint => all.reduce((total, one) => total + read(one), 0n);
  const [lost, ahead] = [sum((one) => one.lost), sum((one) => one.ahead)];
  const notes: { text: Text; tone: 'warning' | 'muted' }[] = [];
  if (blocked.atLeast + markers.atLeast > 0n)
    notes.push({ text: words.split(count(blocked.atLeast), count(markers.atLeast)), tone: 'muted' });
  if (lost > 0n) notes.push({ text: words.lost(count(lost)), tone: 'warning' });
  if (ahead > 0n) notes.push({ text: words.ahead(count(ahead)), tone: 'warning' });
  if (readable.atLeast < drainNotice) return notes;
  if (drainMs === null) notes.push({ text: words.growing, tone: 'muted' });
  else if (drainMs !== undefined) notes.push({ text: words.drain(lasted(drainMs)), tone: 'muted' });
  if (hot !== undefined)
    notes.push({ text: words.hot(hot.partition, Math.round(hot.share * 100), hot.of), tone: 'muted' });
  return notes;
}

/** Fewer records are what is in flight. */
const drainNotice = 1_000n;

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
  return line(groups.map(({ role, lag }) => `${printable(role)} ${lagOf(lag, language)}`).join(' · '));
}
