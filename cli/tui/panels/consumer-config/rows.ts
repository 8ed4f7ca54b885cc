import type {
  GroupConfig,
  KafkaConsumerConfig,
  WorkerHandling,
} from '../../../../infra/probes/kafka/consumer-config.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say } from '../../../../infra/text.ts';
import { count, duration, latency } from '../../ui/format.ts';
import { blank, type Line, line, span } from '../../ui/line.ts';
import { type Column, table } from '../../ui/table.ts';
import { marks, type RowsContext, withoutHeading } from '../panel.ts';

const words = {
  workers: [
    { ko: '워커', en: 'worker' },
    { ko: '처리 p99', en: 'handler p99' },
    { ko: '최대', en: 'max' },
    { ko: '세션', en: 'session' },
    { ko: '사용', en: 'used' },
    { ko: '배치', en: 'batch' },
    { ko: '하트비트', en: 'heartbeat' },
    { ko: '리밸런스', en: 'rebalance' },
  ],
  groups: [
    { ko: '그룹', en: 'group' },
    { ko: '세션', en: 'session' },
    { ko: '리밸런스', en: 'rebalance' },
    { ko: '커밋 간격', en: 'commits every' },
    { ko: '커밋당 건수', en: 'records a commit' },
  ],
  untold: { ko: '워커 처리 시간을 알 수 없음', en: 'handler times unknown' },
} as const;

const workerColumns: readonly Column[] = [
  { grow: true, min: 18 },
  { align: 'right' },
  { align: 'right' },
  { align: 'right' },
  { align: 'right' },
  { align: 'right', drop: 3 },
  { align: 'right', drop: 2 },
  { align: 'right', drop: 1 },
];

const groupColumns: readonly Column[] = [
  { grow: true, min: 12 },
  { align: 'right' },
  { align: 'right' },
  { align: 'right', drop: 2 },
  { align: 'right', drop: 1 },
];

/** Handler times against the session; beneath them what other people's groups are set to, and how they commit. */
export function consumerConfigLines({ workers, groups }: KafkaConsumerConfig, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const heading = (texts: readonly { readonly ko: string; readonly en: string }[]): readonly Line[] =>
    texts.map((text) => line(say(text, language), 'muted'));
  const ours = workers.known
    ? table([heading(words.workers), ...workers.value.map((one) => workerCells(one, context))], {
        width,
        columns: workerColumns,
      })
    : [line(`${marks.unknown} ${say(words.untold, language)} (${printable(workers.reason)})`, 'unknown')];
  const shown = workers.known && workers.value.length === 0 ? [] : ours;
  if (groups.length === 0) return withoutHeading(shown, context);
  const others = table([heading(words.groups), ...groups.map((group) => groupCells(group, language))], {
    width,
    columns: groupColumns,
  });
  return [...shown, ...(shown.length > 0 ? [blank] : []), ...others];
}

function workerCells(one: WorkerHandling, { language, toneOf }: RowsContext): readonly Line[] {
  const tone = toneOf(one.worker.replaceAll('.', '_'));
  const used = one.sessionTimeoutMs === 0 ? 0 : one.handlerMsMax / one.sessionTimeoutMs;
  return [
    [span(`${marks[tone]} `, tone, { bold: true }), span(printable(one.worker))],
    line(latency(one.handlerMsP99, language)),
    line(latency(one.handlerMsMax, language), 'plain', { bold: true }),
    line(duration(one.sessionTimeoutMs, language), 'muted'),
    line(`${Math.round(used * 100)}%`, tone === 'ok' ? 'plain' : tone),
    line(count(one.batchRecordsMax), 'muted'),
    line(duration(one.heartbeatIntervalMs, language), 'muted'),
    line(duration(one.rebalanceTimeoutMs, language), 'muted'),
  ];
}

function groupCells({ groupId, sessionTimeoutMs, rebalanceTimeoutMs, pace }: GroupConfig, language: Language) {
  const timeout = (part: Part<number>): Line =>
    part.known ? line(duration(part.value, language)) : line('?', 'unknown');
  return [
    line(printable(groupId)),
    timeout(sessionTimeoutMs),
    timeout(rebalanceTimeoutMs),
    pace === undefined ? line('-', 'muted') : line(latency(pace.everyMsP50, language)),
    pace === undefined ? line('-', 'muted') : line(count(pace.recordsP50)),
  ];
}

export function consumerConfigSummary({ workers, groups }: KafkaConsumerConfig, { language }: RowsContext): Line {
  if (!workers.known || workers.value.length === 0)
    return line({ ko: `그룹 ${groups.length}개`, en: `${groups.length} groups` }[language]);
  return line(
    workers.value
      .map(
        (one) =>
          `${printable(one.worker)} ${latency(one.handlerMsMax, language)}/${duration(one.sessionTimeoutMs, language)}`,
      )
      .join(' · '),
  );
}
