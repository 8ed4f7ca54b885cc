import type { OutboxBacklog } from '../../../../infra/probes/pipeline/outbox-backlog.ts';
import { type Language, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { count, latency, rateOf } from '../../ui/format.ts';
import { type Line, line, span, spread } from '../../ui/line.ts';
import type { RowsContext } from '../panel.ts';

const words = {
  waiting: { ko: '전송 대기', en: 'waiting' },
  nothingWaits: { ko: '대기 없음', en: 'nothing waits' },
  oldest: { ko: '가장 오래된 대기', en: 'oldest waits' },
  flow: { ko: '초당 유입→전송', en: 'in→sent per second' },
  firstRate: { ko: '다음 측정부터', en: 'from the next reading' },
  dead: { ko: '보내지 못함 (DEAD)', en: 'given up (DEAD)' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  trend: (max: number): Text => ({ ko: `최대 ${count(max)}`, en: `max ${count(max)}` }),
} as const;

export function outboxRows(backlog: OutboxBacklog, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const row = (label: Text, value: Line): Line => spread(line(say(label, language), 'muted'), value, width);
  const { dead, perSecond: rate } = backlog;
  const trend = context.trend('pending');
  const top = highest(trend);
  return [
    row(words.waiting, line(rows(backlog.pending, language), 'plain', { bold: true })),
    row(words.oldest, oldest(backlog, language)),
    row(
      words.flow,
      rate === undefined
        ? line(say(words.firstRate, language), 'muted')
        : line(`${rateOf(rate.created)} → ${rateOf(rate.sent)}`),
    ),
    ...(dead.rows > 0 ? [row(words.dead, line(rows(dead, language), 'critical', { bold: true }))] : []),
    ...(top > 0 ? [trendRow(trend, say(words.trend(top), language), width)] : []),
  ];
}

function trendRow(trend: readonly (number | undefined)[], label: string, width: number): Line {
  const cells = Math.min(120, width - label.length - 4);
  return cells < 4 ? [] : [span(sparkline(trend, cells, calmRows), 'accent'), span(`  ${label}`, 'muted')];
}

/** Trends reach full height here at the soonest: a backlog of a few rows is how the relay breathes. */
const calmRows = 100;

function oldest({ oldestPendingMs }: OutboxBacklog, language: Language): Line {
  if (!oldestPendingMs.known) return [span('? ', 'unknown'), span(say(words.unknown, language), 'unknown')];
  return oldestPendingMs.value === null
    ? line(say(words.nothingWaits, language))
    : line(latency(oldestPendingMs.value, language));
}

/** Rows are counted up to a limit; beyond it there are at least so many. */
function rows({ rows: number, exact }: OutboxBacklog['pending'], language: Language): string {
  const shown = language === 'ko' ? `${count(number)}건` : count(number);
  return exact ? shown : language === 'ko' ? `${shown} 이상` : `at least ${shown}`;
}

export function outboxSummary(backlog: OutboxBacklog, { language }: RowsContext): Line {
  return [
    span(`${say(words.waiting, language)} ${rows(backlog.pending, language)}`),
    ...(backlog.dead.rows > 0 ? [span(` · DEAD ${rows(backlog.dead, language)}`, 'critical')] : []),
  ];
}
