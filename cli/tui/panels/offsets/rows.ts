import { placeName } from '../../../../infra/kafka/place-name.ts';
import type { KafkaOffsets, PartitionState, Standing, TopicOffsets } from '../../../../infra/probes/kafka/offsets.ts';
import type { Part, Total } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { count, lasted } from '../../ui/format.ts';
import { cut, type Line, line, span, type Tone, traced } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  topics: [
    { ko: '  토픽', en: '  topic' },
    { ko: '레코드', en: 'records' },
    { ko: 'LSO→HW', en: 'LSO→HW' },
    { ko: 'HW→LEO', en: 'HW→LEO' },
    { ko: '복제 지연', en: 'replica lag' },
  ],
  partitions: [
    { ko: '  파티션', en: '  partition' },
    { ko: '시작', en: 'start' },
    { ko: 'LSO', en: 'LSO' },
    { ko: 'HW', en: 'HW' },
    { ko: 'LEO', en: 'LEO' },
    { ko: '멈춤', en: 'still' },
    { ko: '복제본 LEO', en: 'replica LEO' },
  ],
  atLeast: (number: string): Text => ({ ko: `${number} 이상`, en: `at least ${number}` }),
  held: (total: string): Text => ({ ko: `막힘 ${total}`, en: `held ${total}` }),
  unreplicated: (total: string): Text => ({ ko: `미복제 ${total}`, en: `not replicated ${total}` }),
} as const;

/**
 * A topic a line; then the partitions in which something waits, and, where there is room, all others. A row is about the first
 * record that is held back or not replicated; that of a partition without one about its newest record.
 */
export function offsetsRows(value: KafkaOffsets, context: RowsContext): readonly Line[] {
  const { width, language, height, scrolls } = context;
  const heading = words.topics.map((text) => line(say(text, language), 'muted'));
  const topics = table([heading, ...value.topics.map((topic) => topicCells(topic, language))], {
    width,
    columns: [
      { grow: true, min: 16 },
      { align: 'right', drop: 2 },
      { align: 'right' },
      { align: 'right' },
      { align: 'right', drop: 1 },
    ],
  });
  const all = value.topics.flatMap(({ topic, partitions }) =>
    partitions.known ? partitions.value.map((state) => ({ topic, state })) : [],
  );
  const waiting = all.filter(({ state }) => waits(state));
  const fits = scrolls || topics.length + all.length + 1 <= height;
  const shown = fits ? [...waiting, ...all.filter(({ state }) => !waits(state))] : waiting;
  return [
    ...topics,
    ...value.topics.flatMap(({ topic, partitions }) =>
      partitions.known ? [] : [cut(line(`  ${printable(topic)}: ${printable(partitions.reason)}`, 'unknown'), width)],
    ),
    ...(shown.length === 0 ? [] : partitionTable(shown, context)),
  ];
}

const waits = ({ held, unreplicated }: PartitionState): boolean =>
  [held, unreplicated].some(({ records }) => !records.known || records.value > 0n);

function topicCells({ topic, partitions, held, unreplicated }: TopicOffsets, language: Language): readonly Line[] {
  const states = partitions.known ? partitions.value : [];
  const unknown = held.unknown + unreplicated.unknown > 0;
  const stands = states.some((one) => Math.max(one.held.stillMs, one.unreplicated.stillMs) >= noticeMs);
  const tone: Tone = stands ? 'warning' : unknown ? 'unknown' : 'ok';
  return [
    traced([span(`${marks[tone]} `, tone, { bold: true }), span(printable(topic))], heldPlace(topic, states), topic),
    line(recordsOf(states, language), 'muted'),
    totalCell(held, language),
    totalCell(unreplicated, language),
    lagCell(states),
  ];
}

const amountIn = ({ records }: Standing): bigint => (records.known ? records.value : 0n);

/** On the partition where an open transaction holds most. */
function heldPlace(topic: string, states: readonly PartitionState[]): string | undefined {
  const [most] = states
    .filter(({ held }) => amountIn(held) > 0n)
    .toSorted((left, right) => Number(amountIn(right.held) - amountIn(left.held)));
  return most && placeOf(topic, most);
}

function placeOf(topic: string, state: PartitionState): string | undefined {
  const { partition, held, unreplicated, lastStable, highWatermark, logStart } = state;
  const at = (offset: bigint) => placeName({ topic, partition, offset });
  if (amountIn(held) > 0n && lastStable.known) return at(lastStable.value);
  if (!highWatermark.known || !logStart.known) return undefined;
  if (amountIn(unreplicated) > 0n) return at(highWatermark.value);
  return highWatermark.value > logStart.value ? at(highWatermark.value - 1n) : undefined;
}

/** Below this a gap is the rhythm of transactions and fetches. */
const noticeMs = 5_000;

function recordsOf(states: readonly PartitionState[], language: Language): string {
  let records = 0n;
  let unknown = states.length === 0;
  for (const { logStart, highWatermark } of states) {
    if (logStart.known && highWatermark.known) records += highWatermark.value - logStart.value;
    else unknown = true;
  }
  return unknown ? (records === 0n ? marks.unknown : say(words.atLeast(count(records)), language)) : count(records);
}

function totalCell(total: Total, language: Language): Line {
  if (total.unknown === total.parts) return line(marks.unknown, 'unknown');
  const number = count(total.atLeast);
  if (total.unknown > 0) return line(say(words.atLeast(number), language), 'unknown');
  return line(number, total.atLeast > 0n ? 'plain' : 'muted');
}

function lagCell(states: readonly PartitionState[]): Line {
  const lags = states.flatMap(({ logEnds }) => logEnds.map(({ lag }) => lag));
  const most = lags.reduce((max, lag) => (lag.known && lag.value > max ? lag.value : max), 0n);
  if (lags.length === 0 || lags.every(({ known }) => !known)) return line(marks.unknown, 'unknown');
  const isUnsure = lags.some(({ known }) => !known);
  return line(isUnsure ? `≥ ${count(most)}` : count(most), isUnsure ? 'unknown' : most > 0n ? 'plain' : 'muted');
}

function partitionTable(
  shown: readonly { readonly topic: string; readonly state: PartitionState }[],
  { width, language }: RowsContext,
): readonly Line[] {
  const heading = words.partitions.map((text) => line(say(text, language), 'muted'));
  const rows = shown.map(({ topic, state }): readonly Line[] => {
    const { held, unreplicated } = state;
    const stillMs = Math.max(held.stillMs, unreplicated.stillMs);
    const isHeld = held.records.known && held.records.value > 0n;
    const isAhead = unreplicated.records.known && unreplicated.records.value > 0n;
    return [
      traced(line(`  ${printable(topic)}/${state.partition}`), placeOf(topic, state), `${topic}/${state.partition}`),
      offset(state.logStart, 'muted'),
      offset(state.lastStable, isHeld ? 'warning' : 'muted'),
      offset(state.highWatermark, isAhead ? 'warning' : 'plain'),
      offset(state.logEnd, 'plain'),
      stillMs >= 1_000 ? line(say(lasted(stillMs), language), stillMs >= noticeMs ? 'warning' : 'muted') : [],
      state.logEnds.flatMap(({ nodeId, logEnd, lag }) => {
        const tone: Tone = !logEnd.known ? 'unknown' : lag.known && lag.value > 0n ? 'warning' : 'muted';
        return [span(`${nodeId}:`, 'muted'), span(`${logEnd.known ? logEnd.value : marks.unknown} `, tone)];
      }),
    ];
  });
  return table([heading, ...rows], {
    width,
    columns: [
      { grow: true, min: 14 },
      { align: 'right', drop: 2 },
      { align: 'right' },
      { align: 'right' },
      { align: 'right' },
      { align: 'right', drop: 1 },
      { drop: 3 },
    ],
  });
}

const offset = (part: Part<bigint>, tone: Tone): Line =>
  part.known ? line(count(part.value), tone) : line(marks.unknown, 'unknown');

export function offsetsSummary({ topics }: KafkaOffsets, { language }: RowsContext): Line {
  const sum = (totals: readonly Total[]): string => {
    const known = count(totals.reduce((records, { atLeast }) => records + atLeast, 0n));
    return totals.some(({ unknown }) => unknown > 0) ? say(words.atLeast(known), language) : known;
  };
  const held = sum(topics.map((one) => one.held));
  const unreplicated = sum(topics.map((one) => one.unreplicated));
  return line(`${say(words.held(held), language)} · ${say(words.unreplicated(unreplicated), language)}`);
}
