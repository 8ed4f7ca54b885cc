import type { LoadRates, MysqlLoad } from '../../../../infra/probes/mysql/load.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { count, rateOf } from '../../ui/format.ts';
import { type Line, line, span, spread } from '../../ui/line.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  connections: { ko: '연결', en: 'connections' },
  most: (used: number): Text => ({ ko: `최대 ${count(used)}`, en: `${count(used)} at most` }),
  running: { ko: '실행 중', en: 'running' },
  queries: { ko: '초당 쿼리', en: 'queries/s' },
  commits: { ko: '초당 커밋 · 롤백', en: 'commits · rollbacks /s' },
  slow: { ko: '초당 느린 쿼리', en: 'slow queries/s' },
  rowLocks: { ko: '행 락 대기', en: 'row lock waits' },
  rowLocksOf: (waits: string, ms: string): Text => ({ ko: `초당 ${waits}건, ${ms} ms`, en: `${waits}/s, ${ms} ms/s` }),
  bufferPool: { ko: '버퍼 풀 적중', en: 'buffer pool hits' },
  history: { ko: '히스토리 리스트', en: 'history list' },
  refused: { ko: '거절·실패한 연결', en: 'refused · aborted connections' },
  firstRate: { ko: '다음 측정부터', en: 'from the next reading' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  readOnly: { ko: '읽기 전용', en: 'read-only' },
} as const;

export function loadRows(load: MysqlLoad, context: RowsContext): readonly Line[] {
  const { language, width, toneOf } = context;
  const row = (label: Text, value: Line, trend: Line = []): Line =>
    spread([span(say(label, language), 'muted'), ...trend], [span('  '), ...value], width);
  const rate = (draw: (rates: LoadRates) => Line): Line => rateLine(load, draw, context);
  const { connections: c, historyLength, totals } = load;
  const tone = toneOf('connections');
  return [
    row(words.connections, [
      ...(load.readOnly ? [span(`${say(words.readOnly, language)} · `, 'muted')] : []),
      span(`${count(c.now)} / ${count(c.max)}`, tone === 'ok' ? 'plain' : tone, { bold: true }),
      span(` · ${say(words.most(c.used), language)}`, 'muted'),
    ]),
    row(
      words.running,
      line(count(c.running), toneOf('running') === 'ok' ? 'plain' : toneOf('running')),
      trendOf('running', context, 16),
    ),
    row(
      words.queries,
      rate((r) => line(rateOf(r.queriesPerSecond), 'plain', { bold: true })),
      trendOf('queriesPerSecond', context, 100),
    ),
    row(
      words.commits,
      rate((r) => line(`${rateOf(r.commitsPerSecond)} · ${rateOf(r.rollbacksPerSecond)}`)),
    ),
    row(
      words.rowLocks,
      rate((r) => line(say(words.rowLocksOf(rateOf(r.rowLockWaitsPerSecond), rateOf(r.rowLockMsPerSecond)), language))),
      trendOf('rowLockMsPerSecond', context, 1_000),
    ),
    row(
      words.slow,
      rate((r) => line(rateOf(r.slowQueriesPerSecond))),
    ),
    row(
      words.bufferPool,
      rate((r) => line(r.bufferPoolHitRatio === undefined ? '-' : `${(r.bufferPoolHitRatio * 100).toFixed(2)} %`)),
    ),
    row(
      words.history,
      historyLength.known
        ? line(count(historyLength.value), toneOf('history') === 'ok' ? 'plain' : toneOf('history'))
        : line(`${marks.unknown} ${printable(historyLength.reason)}`, 'unknown'),
    ),
    row(words.refused, line(`${count(totals.refusedConnections)} · ${count(totals.abortedConnects)}`, 'muted')),
  ];
}

function rateLine({ rates }: MysqlLoad, draw: (rates: LoadRates) => Line, { language }: RowsContext): Line {
  if (rates === undefined) return line(say(words.firstRate, language), 'muted');
  return rates.known ? draw(rates.value) : line(`${marks.unknown} ${printable(rates.reason)}`, 'unknown');
}

/** @param calm full height stands for this much at least. */
function trendOf(number: string, { trend, width }: RowsContext, calm: number): Line {
  const samples = trend(number);
  if (highest(samples) === 0) return [];
  const cells = width >= 100 ? 60 : Math.min(24, Math.floor(width / 3));
  return [span(`  ${sparkline(samples, cells, calm)}`, 'accent')];
}

export function loadSummary({ connections, rates }: MysqlLoad, { language }: RowsContext): Line {
  const queries = rates?.known === true ? rateOf(rates.value.queriesPerSecond) : marks.unknown;
  return line(
    `${say(words.queries, language)} ${queries} · ${say(words.connections, language)} ${connections.now}/${connections.max}`,
  );
}
