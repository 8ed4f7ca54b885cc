import { placeName } from '../../../../infra/kafka/place-name.ts';
import type { KafkaTransactions } from '../../../../infra/probes/kafka/transactions.ts';
import { holdsReaders, isLate, shownId } from '../../../../infra/probes/kafka/transactions-findings.ts';
import { firstHeldBy, type HeldPartition, recordsIn } from '../../../../infra/probes/kafka/transactions-held.ts';
import type { HangingTransaction, OpenTransaction } from '../../../../infra/probes/kafka/transactions-read.ts';
import { partitionNames } from '../../../../infra/probes/kafka/watched-topics.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { count, lasted } from '../../ui/format.ts';
import { cut, join, type Line, line, span, type Tone, traced } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  heading: [
    { ko: '  트랜잭션', en: '  transaction' },
    { ko: '상태', en: 'state' },
    { ko: '열린 시간', en: 'open for' },
    { ko: '타임아웃', en: 'timeout' },
    { ko: '프로듀서', en: 'producer' },
    { ko: '파티션', en: 'partitions' },
  ],
  hanging: { ko: '멈춤', en: 'hanging' },
  nobody: { ko: '(주인 없음)', en: '(nobody’s)' },
  open: (number: string): Text => ({ ko: `열림 ${number}`, en: `open ${number}` }),
  hangs: (number: string): Text => ({ ko: `멈춤 ${number}`, en: `hanging ${number}` }),
  waits: (number: string): Text => ({ ko: `막힌 파티션 ${number}`, en: `${number} partitions held` }),
  behind: (groups: string): Text => ({ ko: `기다리는 그룹: ${groups}`, en: `waiting: ${groups}` }),
  records: (number: string): Text => ({ ko: `${number}건`, en: number === '1' ? '1 record' : `${number} records` }),
  unsure: (names: Text, reason: string): Text => ({
    ko: `${names.ko}: 멈춘 것인지 알 수 없음 (${reason})`,
    en: `${names.en}: whether it hangs is unknown (${reason})`,
  }),
  silent: (nodeId: number, reason: string): Text => ({
    ko: `코디네이터 ${nodeId}의 트랜잭션을 알 수 없음 (${reason})`,
    en: `transactions of coordinator ${nodeId} unknown (${reason})`,
  }),
  unknownPartitions: (number: number, reason: string): Text => ({
    ko: `파티션 ${number}개를 알 수 없음 (${reason})`,
    en: `${number} partitions unknown (${reason})`,
  }),
} as const;

/** What hangs, what is open, and which records and groups wait behind them; a row is about the first of these records. */
export function transactionsRows(value: KafkaTransactions, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const { open, hanging, held } = value;
  const heading = words.heading.map((text) => line(say(text, language), 'muted'));
  const rows = [
    ...hanging.map((one) => hangingCells(one, language)),
    ...open.map((one) => openCells(one, held, language)),
  ];
  return [
    transactionsSummary(value, context),
    ...unknowns(value, language),
    ...(rows.length === 0
      ? []
      : table([heading, ...rows], {
          width,
          columns: [
            { grow: true, min: 16 },
            {},
            { align: 'right' },
            { align: 'right', drop: 2 },
            { align: 'right', drop: 1 },
            { drop: 3 },
          ],
        })),
    ...held.map((one) => heldLine(one, context)),
  ].map((row) => cut(row, width));
}

function hangingCells(one: HangingTransaction, language: Language): readonly Line[] {
  const id = one.transactionalId === null ? say(words.nobody, language) : shownId(one.transactionalId);
  return [
    traced(
      [span(`${marks.critical} `, 'critical', { bold: true }), span(id)],
      placeName({ ...one, offset: one.startOffset }),
      `${one.producerId} ${one.topic}/${one.partition}`,
    ),
    line(say(words.hanging, language), 'critical'),
    line('-', 'muted'),
    line('-', 'muted'),
    line(`${one.producerId}/${one.producerEpoch}`, 'muted'),
    line(`${printable(one.topic)}/${one.partition} @ ${one.startOffset}`),
  ];
}

function openCells(one: OpenTransaction, held: readonly HeldPartition[], language: Language): readonly Line[] {
  const tone: Tone = isLate(one) ? 'critical' : holdsReaders(one) ? 'warning' : 'ok';
  const place = firstHeldBy(one, held);
  const name = [span(`${marks[tone]} `, tone, { bold: true }), span(shownId(one.transactionalId))];
  return [
    traced(name, place && placeName(place), String(one.producerId)),
    line(printable(one.state), tone === 'ok' ? 'muted' : tone),
    one.openForMs.known
      ? line(say(lasted(one.openForMs.value), language))
      : line(`${marks.unknown} ${printable(one.openForMs.reason)}`, 'unknown'),
    line(say(lasted(one.timeoutMs), language), 'muted'),
    line(`${one.producerId}/${one.producerEpoch}`, 'muted'),
    line(say(partitionNames(one.partitions, 3), language)),
  ];
}

/** From here on there is room to say twice how many. */
const wideFrom = 100;

function heldLine(one: HeldPartition, { language, width }: RowsContext): Line {
  const groups = one.groups.known ? one.groups.value.filter(({ waits }) => !waits.known || waits.value > 0n) : [];
  const names = groups.map(
    ({ groupId, waits }) => `${printable(groupId)} ${waits.known ? count(waits.value) : marks.unknown}`,
  );
  const { topic, partition, lastStable } = one;
  const name = line(`  ${printable(topic)}/${partition}  `);
  return [
    ...traced(name, placeName({ topic, partition, offset: lastStable }), `${topic}/${partition}`),
    span(`LSO ${count(one.lastStable)} → HW ${count(one.highWatermark)}`, 'warning'),
    ...(width < wideFrom ? [] : [span(`  ${say(words.records(count(recordsIn(one))), language)}`)]),
    ...(names.length === 0 ? [] : [span(`  ${say(words.behind(names.join(', ')), language)}`, 'muted')]),
  ];
}

function unknowns({ unsure, silent, partitions, held }: KafkaTransactions, language: Language): readonly Line[] {
  const note = (text: Text): Line => line(`${marks.unknown} ${say(text, language)}`, 'unknown');
  const [first] = partitions.unknown;
  return [
    ...unsure.map((one) => note(words.unsure(partitionNames([one]), printable(one.reason)))),
    ...silent.map(({ nodeId, reason }) => note(words.silent(nodeId, printable(reason)))),
    ...(first === undefined ? [] : [note(words.unknownPartitions(partitions.unknown.length, printable(first.reason)))]),
    ...held.flatMap((one) =>
      one.producers.known ? [] : [note(words.unsure(partitionNames([one]), printable(one.producers.reason)))],
    ),
  ];
}

export function transactionsSummary(
  { open, hanging, held, silent }: KafkaTransactions,
  { language }: RowsContext,
): Line {
  const number = silent.length > 0 ? `≥ ${count(open.length)}` : count(open.length);
  const parts: Line[] = [line(say(words.open(number), language), 'plain', { bold: true })];
  if (hanging.length > 0) parts.push(line(say(words.hangs(count(hanging.length)), language), 'critical'));
  if (held.length > 0) parts.push(line(say(words.waits(count(held.length)), language), 'warning'));
  return join(parts, line(' · ', 'muted'));
}
