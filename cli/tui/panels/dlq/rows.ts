import type { DeadLetterGroup, DlqGroups } from '../../../../infra/probes/dlq/groups.ts';
import { lookedAtMax, type RetryLadder, type Rung } from '../../../../infra/probes/dlq/retry-ladder.ts';
import type { Unindexed } from '../../../../infra/probes/dlq/unindexed.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { highest, sparkline } from '../../ui/chart.ts';
import { count, duration, lasted, rateOf } from '../../ui/format.ts';
import { blank, flow, join, type Line, line, span, spread, traced, widthOf } from '../../ui/line.ts';
import { type Column, table } from '../../ui/table.ts';
import { lagOf } from '../lag/rows.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  letters: { ko: '데드 레터', en: 'dead letters' },
  none: { ko: '없음', en: 'none' },
  noneOf: (latest: number): Text => ({
    ko: `최근 실패 ${count(latest)}건 중에는 없음`,
    en: `none of the latest ${count(latest)} failures`,
  }),
  copies: (copies: string): Text => ({ ko: `중복 발행 ${copies}건`, en: `${copies} published twice` }),
  lastMinute: (rows: string): Text => ({ ko: `최근 1분 ${rows}건`, en: `${rows} in the last minute` }),
  ladder: { ko: '재시도 중', en: 'in retry' },
  next: (text: Text): Text => ({ ko: `다음 ${text.ko} 뒤`, en: `next in ${text.en}` }),
  due: (rows: string): Text => ({ ko: `기한 도래 ${rows}`, en: `${rows} due` }),
  overdue: (rows: string, text: Text): Text => ({
    ko: `기한 초과 ${rows} (${text.ko})`,
    en: `${rows} overdue by ${text.en}`,
  }),
  unindexed: { ko: '아직 색인 안 됨', en: 'not indexed yet' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  heading: {
    class: { ko: '분류', en: 'class' },
    eventType: { ko: '이벤트 종류', en: 'event type' },
    exception: { ko: '예외', en: 'exception' },
    count: { ko: '건수', en: 'count' },
    perMinute: { ko: '분당', en: '/min' },
    newest: { ko: '최근', en: 'newest' },
    oldest: { ko: '처음', en: 'oldest' },
    message: { ko: '최근 메시지', en: 'newest message' },
  },
} as const;

/** How many, how fast and what is still retried; then what they died of, a kind a line. */
export function dlqRows(value: DlqGroups, context: RowsContext): readonly Line[] {
  const facts = [
    lettersLine(value, context),
    ...classLine(value, context),
    ...ladderLines(value.ladder, context),
    ...unindexedLine(value.unindexed, context),
  ];
  if (value.groups.length === 0) return facts;
  const groups = groupTable(value.groups, context);
  // A blank line is the first thing to give way.
  const isTight = !context.scrolls && facts.length + 1 + groups.length > context.height;
  return [...facts, ...(isTight ? [] : [blank]), ...groups];
}

/** Full height of the trend stands for this many a second at least: one dead letter must not look like a storm. */
const calmPerSecond = 2;

function lettersLine(value: DlqGroups, { width, language, trend, toneOf }: RowsContext): Line {
  const { deadLetters, lastMinute, copies } = value;
  const rates = trend('perSecond');
  const cells = Math.min(60, Math.floor(width / 3), rates.length);
  const arriving = lastMinute > 0;
  const facts: Line[] = [
    [
      span(`${say(words.letters, language)}  `, 'muted'),
      span(deadLetters.rows === 0 ? say(words.none, language) : totalOf(deadLetters, language), 'plain', {
        bold: true,
      }),
    ],
    ...(arriving ? [line(say(words.lastMinute(count(lastMinute)), language), toneOf('arriving'))] : []),
  ];
  const twice = copies - BigInt(deadLetters.rows);
  if (twice > 0n) facts.push(line(say(words.copies(count(twice)), language), 'muted'));
  const right: Line = [
    ...(highest(rates) > 0 ? [span(`${sparkline(rates, cells, calmPerSecond)}  `, 'accent')] : []),
    ...(value.perSecond === undefined ? [] : [span(`${rateOf(value.perSecond)}/s`, arriving ? 'plain' : 'muted')]),
  ];
  return spread(join(facts, line(' · ', 'muted')), right, width);
}

function totalOf({ rows, exact }: DlqGroups['deadLetters'], language: Language): string {
  if (exact) return count(rows);
  return language === 'ko' ? `${count(rows)} 이상` : `at least ${count(rows)}`;
}

function classLine({ byClass }: DlqGroups, { width }: RowsContext): readonly Line[] {
  const parts = byClass.map(({ class: name, rows }): Line => [span(`${printable(name)} `, 'muted'), span(count(rows))]);
  return flow(parts, { width, indent: 0 });
}

/** A rung a line: how many wait on it, when the next one is due, what nobody came back for. */
function ladderLines(ladder: Part<RetryLadder>, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const label = span(`${say(words.ladder, language)}  `, 'muted');
  if (!ladder.known) return [[label, span(unknownText(ladder.reason, language), 'unknown')]];
  const { rungs, exact } = ladder.value;
  if (rungs.length === 0)
    return [[label, span(say(exact ? words.none : words.noneOf(lookedAtMax), language), 'muted')]];
  return rungs.flatMap((rung, index) => {
    const [first = [], ...rest] = rungCells(rung, { exact, context });
    const head = index === 0 ? label : span(' '.repeat(widthOf([label])));
    return flow([[head, ...first], ...rest], { width, indent: 0 });
  });
}

function rungCells(rung: Rung, { exact, context }: { exact: boolean; context: RowsContext }): readonly Line[] {
  const { language, toneOf } = context;
  const { ahead, due, overdue, nextInMs, oldestDueMs } = rung;
  const waiting = totalOf({ rows: ahead + due, exact }, language);
  const justDue = due - overdue;
  const parts: Line[] = [[span(`${printable(rung.rung)} `, 'accent'), span(waiting, 'plain', { bold: true })]];
  if (nextInMs !== null) parts.push(line(say(words.next(spanOf(Math.ceil(nextInMs / 1000))), language)));
  if (justDue > 0) parts.push(line(say(words.due(count(justDue)), language), 'muted'));
  if (overdue > 0) {
    const by = oldestDueMs?.known === true ? spanOf(Math.round(oldestDueMs.value / 1000)) : words.unknown;
    const tone = toneOf(rung.rung.replaceAll('.', '-'));
    parts.push([
      span(`${marks.warning} `, 'warning', { bold: true }),
      span(say(words.overdue(count(overdue), by), language), tone),
    ]);
  }
  return parts;
}

const spanOf = (seconds: number): Text => ({
  ko: duration(seconds * 1000, 'ko'),
  en: duration(seconds * 1000, 'en'),
});

/** Said only where it is not simply all of them. */
function unindexedLine(unindexed: Part<Unindexed>, { language, toneOf }: RowsContext): readonly Line[] {
  const label = span(`${say(words.unindexed, language)}  `, 'muted');
  if (!unindexed.known) return [[label, span(unknownText(unindexed.reason, language), 'unknown')]];
  const { records } = unindexed.value;
  if (records.atLeast === 0n && records.unknown === 0) return [];
  const found = toneOf('unindexed');
  const tone = found === 'ok' ? (records.unknown > 0 ? 'unknown' : 'plain') : found;
  return [[label, span(lagOf(records, language), tone)]];
}

const unknownText = (reason: string, language: Language): string =>
  `${marks.unknown} ${say(words.unknown, language)} (${printable(reason)})`;

/** From here on there is room for the message. */
const wideFrom = 104;

function groupTable(groups: readonly DeadLetterGroup[], context: RowsContext): readonly Line[] {
  const { width, language } = context;
  const isWide = width >= wideFrom;
  const { message, oldest, ...narrow } = words.heading;
  const titles = [...Object.values(narrow), ...(isWide ? [oldest, message] : [])];
  const numbers: readonly Column[] = [{ align: 'right' }, { align: 'right', drop: 2 }, { align: 'right', drop: 1 }];
  const columns: readonly Column[] = [
    {},
    isWide ? {} : { drop: 3 },
    isWide ? {} : { grow: true, min: 12 },
    ...numbers,
    ...(isWide ? [{ align: 'right' as const }, { grow: true, min: 20 }] : []),
  ];
  const heading = titles.map((title, index) => line(`${index === 0 ? '  ' : ''}${say(title, language)}`, 'muted'));
  return table([heading, ...groups.map((group) => cellsOf(group, { isWide, language }))], { width, columns });
}

function cellsOf(
  group: DeadLetterGroup,
  { isWide, language }: { readonly isWide: boolean; readonly language: Language },
): readonly Line[] {
  const { class: name, eventType, exception, rows, perMinute, newestAgeMs, oldestAgeMs, newestMessage } = group;
  const arriving = perMinute.now > 0;
  const mark = arriving ? span(`${marks.warning} `, 'warning', { bold: true }) : span('  ');
  return [
    newestOf(group, [mark, span(printable(name))]),
    eventType === null ? line('-', 'muted') : line(printable(eventType)),
    line(printable(exception)),
    line(count(rows), 'plain', { bold: true }),
    arriving || (perMinute.before ?? 0) > 0 ? line(`${arrow(perMinute)}${count(perMinute.now)}`) : line('-', 'muted'),
    ageCell(newestAgeMs, language),
    ...(isWide ? [ageCell(oldestAgeMs, language), line(oneLine(newestMessage), 'muted')] : []),
  ];
}

/** A row is about the newest event of its kind; the cursor follows the kind. */
const newestOf = ({ newestDedupKey, class: name, fingerprint }: DeadLetterGroup, content: Line): Line =>
  traced(content, newestDedupKey ?? undefined, `${name} ${fingerprint}`);

/** Against the reading before. */
function arrow({ now, before }: DeadLetterGroup['perMinute']): string {
  if (before === undefined || before === now) return '';
  return now > before ? '↑' : '↓';
}

const ageCell = (age: Part<number>, language: Language): Line =>
  age.known ? line(say(lasted(age.value), language), 'muted') : line(marks.unknown, 'unknown');

const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ');

export function dlqSummary({ deadLetters, lastMinute, ladder }: DlqGroups, { language }: RowsContext): Line {
  const retrying = ladder.known ? ladder.value.rungs.reduce((sum, { ahead, due }) => sum + ahead + due, 0) : 0;
  const parts: Line[] = [line(`${say(words.letters, language)} ${totalOf(deadLetters, language)}`)];
  if (lastMinute > 0) parts.push(line(say(words.lastMinute(count(lastMinute)), language), 'warning'));
  if (retrying > 0) parts.push(line(`${say(words.ladder, language)} ${count(retrying)}`));
  return join(parts, line(' · ', 'muted'));
}
