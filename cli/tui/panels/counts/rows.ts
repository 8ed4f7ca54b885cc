import { type Comparison, names, type PipelineCounts } from '../../../../infra/probes/pipeline/counts.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { printable, say, type Text } from '../../../../infra/text.ts';
import { count } from '../../ui/format.ts';
import { cut, type Line, line, span, spread } from '../../ui/line.ts';
import type { RowsContext } from '../panel.ts';

const words = {
  ledger: { ko: '원장', en: 'ledger' },
  outbox: { ko: '아웃박스', en: 'outbox' },
  processed: { ko: 'processed_event', en: 'processed' },
  archived: { ko: '보관', en: 'archived' },
  effects: { ko: '효과', en: 'effects' },
  equal: { ko: '일치', en: 'equal' },
  explained: { ko: '모두 설명됨', en: 'all explained' },
  missing: (number: bigint): Text => ({
    ko: `설명되지 않는 부족 ${count(number)}`,
    en: `${count(number)} missing, unexplained`,
  }),
  tooMany: (number: bigint): Text => ({
    ko: `설명되지 않는 초과 ${count(number)}`,
    en: `${count(number)} too many, unexplained`,
  }),
} as const;

/** What lies between two counts, as people call it. */
const between: Readonly<Record<string, Text>> = {
  pending: { ko: '전송 대기', en: 'to be sent' },
  outboxDead: { ko: '아웃박스 DEAD', en: 'outbox DEAD' },
  skipped: { ko: '건너뜀', en: 'skipped' },
  inRetry: { ko: '재시도 대기', en: 'in retry' },
  dead: { ko: '데드 레터', en: 'dead letters' },
  folded: { ko: '백필에 합산', en: 'folded in' },
  inFlight: { ko: '처리 중', en: 'in flight' },
};

export function countsRows(value: PipelineCounts, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const row = (label: Text, content: Line): Line =>
    cut(spread(line(say(label, language), 'muted'), content, width), width);
  const { ledger, outbox, processed, effects, comparisons } = value;
  const sent = ({
    pending,
    sent: done,
    dead,
    skipped,
  }: {
    pending: bigint;
    sent: bigint;
    dead: bigint;
    skipped: bigint;
  }): string => [`SENT ${count(done)}`, ...named({ PENDING: pending, DEAD: dead, SKIPPED: skipped })].join(' · ');
  return [
    row(words.ledger, cell(ledger, count)),
    row(words.outbox, cell(outbox, sent)),
    row(
      words.processed,
      cell(processed, ({ applied, folded, archived }) =>
        [count(applied + folded), ...named({ [say(words.archived, language)]: archived })].join(' · '),
      ),
    ),
    row(words.effects, cell(effects, count)),
    ...comparisons.flatMap((comparison) => comparisonLines(comparison, context)),
  ];
}

function cell<T>(part: Part<T>, of: (value: T) => string): Line {
  return part.known ? line(of(part.value), 'plain', { bold: true }) : [span(`? ${printable(part.reason)}`, 'unknown')];
}

const named = (numbers: Readonly<Record<string, bigint>>): readonly string[] =>
  Object.entries(numbers).flatMap(([name, number]) => (number === 0n ? [] : [`${name} ${count(number)}`]));

function comparisonLines(comparison: Comparison, { language, width }: RowsContext): readonly Line[] {
  const { id, left, right, explained, unexplained } = comparison;
  const isFine = unexplained === 0n;
  const verdict = isFine
    ? line(say(left === right ? words.equal : words.explained, language), 'ok')
    : line(say(unexplained > 0n ? words.missing(unexplained) : words.tooMany(-unexplained), language), 'critical', {
        bold: true,
      });
  const title = [span(isFine ? '✓ ' : '✗ ', isFine ? 'ok' : 'critical'), span(say(names[id], language))];
  const parts = Object.entries(explained).flatMap(([name, number]) =>
    number === 0n ? [] : [`${say(between[name] ?? { ko: name, en: name }, language)} ${count(number)}`],
  );
  const head = cut(spread(title, verdict, width), width);
  if (left === right && isFine) return [head];
  const why = `  ${count(left)} - ${count(right)} = ${count(left - right)}${parts.length === 0 ? '' : `: ${parts.join(' · ')}`}`;
  return [head, cut(line(why, 'muted'), width)];
}

export function countsSummary({ comparisons }: PipelineCounts, { language }: RowsContext): Line {
  const bad = comparisons.find(({ unexplained }) => unexplained !== 0n);
  if (bad === undefined) return line(say(words.explained, language), 'ok');
  const text = bad.unexplained > 0n ? words.missing(bad.unexplained) : words.tooMany(-bad.unexplained);
  return [span(`${say(names[bad.id], language)}: `), span(say(text, language), 'critical')];
}
