import type { DeadlockClass, DeadlockSide } from '../../../../infra/mysql/deadlock-text.ts';
import { lockText, type MysqlDeadlocks, type SeenDeadlock } from '../../../../infra/probes/mysql/deadlocks.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { ago, count } from '../../ui/format.ts';
import { blank, cut, join, type Line, line, span, spread } from '../../ui/line.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  captured: (seen: number, of: string): Text => ({
    ko: `${of}건 중 ${seen}건을 봄`,
    en: `captured ${seen} of ${of}`,
  }),
  overwritten: { ko: '나머지는 덮어써짐', en: 'the others were overwritten' },
  lately: (deadlocks: number, seconds: number): Text => ({
    ko: `최근 ${seconds}초에 ${deadlocks}건`,
    en: `${deadlocks} in the last ${seconds} s`,
  }),
  unknown: { ko: '알 수 없음', en: 'unknown' },
  victim: { ko: '희생', en: 'victim' },
  wentOn: { ko: '계속', en: 'went on' },
  holds: { ko: '쥔 락', en: 'holds' },
  waits: { ko: '기다린 락', en: 'waits' },
  none: { ko: '보이지 않음', en: 'not shown' },
  off: { ko: '데드락 감지가 꺼져 있음', en: 'deadlock detection is off' },
} as const;

export const classWords: Readonly<Record<DeadlockClass, Text>> = {
  'AB-BA': { ko: '엇갈린 순서(AB-BA)', en: 'opposite order (AB-BA)' },
  'gap and insert intention': { ko: '갭 락과 삽입 의도', en: 'gap and insert intention' },
  'duplicate key': { ko: '중복 키 S 락', en: 'duplicate-key S lock' },
  'lock upgrade': { ko: 'S→X 승격', en: 'upgrade S→X' },
  other: { ko: '기타', en: 'other' },
};

/** How many there were and how many were seen; then the last one, both sides of it; then those before it, a line each. */
export function deadlocksRows(value: MysqlDeadlocks, context: RowsContext): readonly Line[] {
  const [last, ...earlier] = value.seen;
  const detection = value.detection === 'off' ? [line(say(words.off, context.language), 'warning')] : [];
  const facts = [countsLine(value, context), ...detection];
  if (last === undefined) return facts;
  return [
    ...facts,
    ...(context.height > 0 && !context.scrolls && context.height < 12 ? [] : [blank]),
    headLine(last, context),
    ...last.sides.flatMap((side) => sideLines(side, context)),
    ...earlier.map((deadlock) => headLine(deadlock, context)),
  ];
}

function countsLine(value: MysqlDeadlocks, { language, width, trend, toneOf }: RowsContext): Line {
  const { captured, total, lately } = value;
  const of = total.known ? count(total.value) : `${marks.unknown} ${say(words.unknown, language)}`;
  const missing = total.known && BigInt(captured) < total.value;
  const parts: Line[] = [line(say(words.captured(captured, of), language), 'plain', { bold: true })];
  if (missing && captured > 0) parts.push(line(say(words.overwritten, language), 'muted'));
  if (lately !== undefined && lately.deadlocks > 0)
    parts.push(line(say(words.lately(lately.deadlocks, Math.round(lately.overMs / 1000)), language), toneOf('rate')));
  const rates = trend('perMinute');
  const cells = Math.min(40, Math.floor(width / 4), rates.length);
  const right: Line = highest(rates) > 0 ? [span(` ${sparkline(rates, cells, calmPerMinute)}`, 'accent')] : [];
  return spread(join(parts, line(' · ', 'muted')), right, width);
}

/** Full height of the trend stands for this many a minute at least. */
const calmPerMinute = 60;

function headLine(deadlock: SeenDeadlock, { language, width }: RowsContext): Line {
  const { ageMs, at, sides } = deadlock;
  const tables = [...new Set(sides.flatMap(({ waitsFor }) => (waitsFor === undefined ? [] : [waitsFor.table])))];
  const left: Line = [
    span(say(classWords[deadlock.class], language), 'plain', { bold: true }),
    span(`  ${tables.map(printable).join(' · ')}`, 'muted'),
  ];
  const when = ageMs.known ? say(ago(ageMs.value), language) : marks.unknown;
  return spread(left, [span(`  ${at}`, 'muted'), span(`  ${when}`)], width);
}

function sideLines(side: DeadlockSide, { language, width }: RowsContext): readonly Line[] {
  const { victim, threadId, user, host, query, holds, waitsFor } = side;
  const mark: Line = victim
    ? [span(`${marks.critical} `, 'critical', { bold: true }), span(say(words.victim, language), 'critical')]
    : [span(`${marks.ok} `, 'ok'), span(say(words.wentOn, language), 'muted')];
  const who = `  ${threadId ?? '?'} ${printable(`${user ?? '?'}@${host ?? '?'}`)}  `;
  const held = holds.length === 0 ? say(words.none, language) : holds.map(lockText).join(' + ');
  const fact = (label: Text, text: string): Line =>
    cut([span('    '), span(`${padded(label, language)} `, 'muted'), span(text)], width);
  return [
    cut([...mark, span(who, 'muted'), span(printable(query).replaceAll(/\s+/g, ' '))], width),
    fact(words.holds, held),
    fact(words.waits, waitsFor === undefined ? say(words.none, language) : lockText(waitsFor)),
  ];
}

/** Both labels as wide as the wider one, which in Korean takes two cells a letter. */
const padded = (label: Text, language: Language): string =>
  language === 'ko' ? label.ko.padEnd(label === words.holds ? 7 : 5) : label.en.padEnd(5);

export function deadlocksSummary({ captured, total, seen }: MysqlDeadlocks, { language }: RowsContext): Line {
  const of = total.known ? count(total.value) : marks.unknown;
  const [last] = seen;
  const when = last?.ageMs.known ? ` · ${say(ago(last.ageMs.value), language)}` : '';
  return line(`${say(words.captured(captured, of), language)}${when}`);
}
