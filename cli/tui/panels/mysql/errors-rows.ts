import type { ErrorCount, MysqlErrors, WatchedErrno } from '../../../../infra/probes/mysql/errors.ts';
import type { FailedStatement } from '../../../../infra/probes/mysql/failed-statements.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { ago, count, rateOf } from '../../ui/format.ts';
import { blank, cut, type Line, line, span } from '../../ui/line.ts';
import { type Column, table } from '../../ui/table.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  heading: [
    { ko: '오류', en: 'error' },
    { ko: '합계', en: 'total' },
    { ko: '분당', en: '/min' },
    { ko: '재시도 정책', en: 'policy' },
    { ko: '워커 재시도', en: 'retried by workers' },
  ],
  retried: { ko: '재시도', en: 'retried' },
  fails: { ko: '실패', en: 'fails' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  summary: { ko: '데드락', en: 'deadlocks' },
  timeouts: { ko: '타임아웃', en: 'timeouts' },
} as const;

const names: Readonly<Record<WatchedErrno, Text>> = {
  1205: { ko: '락 대기 타임아웃', en: 'lock wait timeout' },
  1213: { ko: '데드락', en: 'deadlock' },
  1020: { ko: '읽은 뒤 변경됨', en: 'changed since read' },
  3572: { ko: 'NOWAIT 거절', en: 'NOWAIT refused' },
  1040: { ko: '연결 초과', en: 'too many connections' },
};

/** An error a line; then the statements that ended in one, where sessions that ran them are still there. */
export function errorsRows({ errors, recent }: MysqlErrors, context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const heading = words.heading.map((text, index) => line(`${index === 0 ? '  ' : ''}${say(text, language)}`, 'muted'));
  const counts = table([heading, ...errors.map((error) => cellsOf(error, context))], {
    width,
    columns: [{ grow: true }, { align: 'right' }, { align: 'right' }, {}, { align: 'right', drop: 1 }],
  });
  const reasons = [...new Set(errors.flatMap(({ total }) => (total.known ? [] : [printable(total.reason)])))];
  const unknown = reasons.map((reason) => cut([span(`  ${marks.unknown} ${reason}`, 'unknown')], width));
  if (!recent.known || recent.value.length === 0) return [...counts, ...unknown];
  const statements = table(
    recent.value.map((one) => statementCells(one, context)),
    { width, columns: statementColumns },
  );
  return [...counts, ...unknown, blank, ...statements];
}

const statementColumns: readonly Column[] = [{}, {}, { drop: 1 }, { align: 'right' }, { grow: true, min: 20 }];

function cellsOf({ errno, total, perSecond, isRetried, retries }: ErrorCount, context: RowsContext): readonly Line[] {
  const { language, toneOf } = context;
  const tone = toneOf(String(errno));
  const mark = tone === 'ok' ? span('  ') : span(`${marks[tone]} `, tone, { bold: true });
  const rate = perSecond?.known === true ? perSecond.value * 60 : undefined;
  return [
    [mark, span(`${errno} `, 'muted'), span(say(names[errno], language))],
    part(total, (value) => line(count(value), value > 0n ? 'plain' : 'muted', { bold: value > 0n })),
    rate === undefined ? line(marks.unknown, 'unknown') : line(rateOf(rate), rate > 0 ? 'plain' : 'muted'),
    isRetried ? line(say(words.retried, language), 'ok') : line(say(words.fails, language), 'muted'),
    part(retries, (value) => line(count(value.total), value.total > 0 ? 'plain' : 'muted')),
  ];
}

const part = <T>(value: Part<T>, draw: (value: T) => Line): Line =>
  value.known ? draw(value.value) : line(marks.unknown, 'unknown');

function statementCells(
  { errno, pid, user, agoMs, statement }: FailedStatement,
  context: RowsContext,
): readonly Line[] {
  return [
    line(`  ${errno}`),
    line(pid, 'muted'),
    line(printable(user), 'muted'),
    line(say(ago(agoMs), context.language), 'muted'),
    line(printable(statement).replaceAll(/\s+/g, ' ')),
  ];
}

export function errorsSummary({ errors }: MysqlErrors, { language }: RowsContext): Line {
  const of = (errno: WatchedErrno): string => {
    const found = errors.find((error) => error.errno === errno);
    return found?.total.known ? count(found.total.value) : marks.unknown;
  };
  return line(`${say(words.summary, language)} ${of(1213)} · ${say(words.timeouts, language)} ${of(1205)}`);
}
