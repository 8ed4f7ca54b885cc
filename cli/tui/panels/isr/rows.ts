import type { KafkaIsr } from '../../../../infra/probes/kafka/isr.ts';
import type { IsrEvent, IsrState, PartitionHealth } from '../../../../infra/probes/kafka/isr-read.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { count, lasted, timeOfDay } from '../../ui/format.ts';
import { cut, join, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const states: Readonly<Record<IsrState, { readonly text: Text; readonly tone: Tone }>> = {
  leaderless: { text: { ko: '리더 없음', en: 'no leader' }, tone: 'critical' },
  'under-min-isr': { text: { ko: 'minISR 미달', en: 'under minISR' }, tone: 'critical' },
  'at-min-isr': { text: { ko: 'minISR 한계', en: 'at minISR' }, tone: 'warning' },
  'under-replicated': { text: { ko: '복제 부족', en: 'under-replicated' }, tone: 'warning' },
  'offline-replica': { text: { ko: '오프라인 복제본', en: 'offline replica' }, tone: 'warning' },
};

const words = {
  heading: [
    { ko: '  파티션', en: '  partition' },
    { ko: '상태', en: 'state' },
    { ko: '리더', en: 'leader' },
    { ko: 'ISR / 복제본', en: 'ISR / replicas' },
    { ko: 'minISR', en: 'minISR' },
    { ko: '지속', en: 'for' },
  ],
  whole: (partitions: string, topics: string): Text => ({
    ko: `토픽 ${topics}개의 파티션 ${partitions}개`,
    en: `${partitions} partitions of ${topics} topics`,
  }),
  allIn: { ko: '모두 동기화됨', en: 'all in sync' },
  unknownTopics: (topics: number, first: string): Text => ({
    ko: `토픽 ${topics}개를 알 수 없음 (${first})`,
    en: `${topics} topics unknown (${first})`,
  }),
  minIsrUnknown: (topics: number): Text => ({
    ko: `토픽 ${topics}개의 min.insync.replicas를 알 수 없음`,
    en: `min.insync.replicas of ${topics} topics unknown`,
  }),
  internal: (topic: string, lacking: number, leaderless: number): Text => ({
    ko: `내부 토픽 ${topic}: 복제 부족 ${lacking}, 리더 없음 ${leaderless}`,
    en: `Kafka's own ${topic}: ${lacking} under-replicated, ${leaderless} without leader`,
  }),
  left: (brokers: string): Text => ({ ko: `브로커 ${brokers} ISR 이탈`, en: `broker ${brokers} left the ISR` }),
  back: (brokers: string): Text => ({ ko: `브로커 ${brokers} ISR 복귀`, en: `broker ${brokers} came back` }),
} as const;

/** What lacks replicas or a leader, what could not be told, and who left or came back of late. */
export function isrRows(value: KafkaIsr, context: RowsContext): readonly Line[] {
  const { width, language, height, scrolls } = context;
  const body = [
    isrSummary(value, context),
    ...unknowns(value, language),
    ...(value.affected.length === 0 ? [] : affectedTable(value.affected, context)),
  ];
  const room = scrolls ? value.events.length : Math.max(fewEvents, height - body.length);
  const events = value.events.slice(-room).reverse();
  return [...body, ...events.map((event) => eventLine(event, language))].map((row) => cut(row, width));
}

const fewEvents = 3;

function unknowns({ unknownTopics, minIsrUnknown, internal }: KafkaIsr, language: Language): readonly Line[] {
  const [first] = unknownTopics;
  const note = (text: Text, tone: Tone): Line => [span(`${marks[tone]} `, tone), span(say(text, language), tone)];
  return [
    ...(first === undefined
      ? []
      : [
          note(
            words.unknownTopics(unknownTopics.length, `${printable(first.topic)}: ${printable(first.reason)}`),
            'unknown',
          ),
        ]),
    ...(minIsrUnknown === 0 ? [] : [note(words.minIsrUnknown(minIsrUnknown), 'unknown')]),
    ...internal
      .filter(({ underReplicated, leaderless }) => underReplicated + leaderless > 0)
      .map(({ topic, underReplicated, leaderless }) =>
        note(words.internal(topic, underReplicated, leaderless), leaderless > 0 ? 'critical' : 'warning'),
      ),
  ];
}

function affectedTable(affected: readonly PartitionHealth[], { width, language, nowMs }: RowsContext): readonly Line[] {
  const heading = words.heading.map((text) => line(say(text, language), 'muted'));
  const rows = affected.map((one): readonly Line[] => {
    const [worst] = one.states;
    const { tone, text } = states[worst ?? 'under-replicated'];
    return [
      [span(`${marks[tone]} `, tone, { bold: true }), span(`${printable(one.topic)}/${one.partition}`)],
      line(say(text, language), tone),
      one.leader === undefined ? line('-', 'critical') : line(String(one.leader), 'muted'),
      [span(one.isr.join(' ') || '-'), span(` / ${one.replicas.join(' ')}`, 'muted')],
      one.minIsr.known ? line(String(one.minIsr.value), 'muted') : line(marks.unknown, 'unknown'),
      line(say(lasted(nowMs - one.sinceMs), language), 'muted'),
    ];
  });
  return table([heading, ...rows], {
    width,
    columns: [
      { grow: true, min: 20 },
      {},
      { align: 'right', drop: 3 },
      {},
      { align: 'right', drop: 1 },
      { align: 'right', drop: 2 },
    ],
  });
}

function eventLine({ kind, topic, partition, brokers, atMs }: IsrEvent, language: Language): Line {
  const text = kind === 'shrink' ? words.left(brokers.join(', ')) : words.back(brokers.join(', '));
  return [
    span(`${timeOfDay(atMs)}  `, 'muted'),
    span(say(text, language), kind === 'shrink' ? 'warning' : 'ok'),
    span(`  ${printable(topic)}/${partition}`),
  ];
}

export function isrSummary({ topics, partitions, counts }: KafkaIsr, { language }: RowsContext): Line {
  const worth = (['leaderless', 'under-min-isr', 'under-replicated', 'offline-replica'] as const).filter(
    (state) => counts[state] > 0,
  );
  const lacking = worth.map((state) =>
    line(`${say(states[state].text, language)} ${count(counts[state])}`, states[state].tone),
  );
  return join(
    [
      line(say(words.whole(count(partitions), count(topics)), language)),
      ...(lacking.length === 0 && partitions > 0 ? [line(say(words.allIn, language), 'ok')] : lacking),
    ],
    line(' · ', 'muted'),
  );
}
