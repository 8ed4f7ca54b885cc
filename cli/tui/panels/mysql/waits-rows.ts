import {
  accountOf,
  type LockWait,
  type LongTransaction,
  lockText,
  type MysqlWaits,
  type RootBlocker,
  statementOf,
} from '../../../../infra/probes/mysql/waits.ts';
import type { Part } from '../../../../infra/probes/reading.ts';
import { type Language, printable, say, type Text } from '../../../../infra/text.ts';
import { count, lasted } from '../../ui/format.ts';
import { cut, type Line, line, span, spread } from '../../ui/line.ts';
import { marks, type RowsContext } from '../panel.ts';

const words = {
  waiting: (sessions: number): Text => ({ ko: `${sessions}개 세션이 기다림`, en: `${sessions} wait for it` }),
  idle: { ko: '유휴', en: 'idle' },
  running: { ko: '실행 중', en: 'running' },
  open: (age: Text): Text => ({ ko: `${age.ko} 열림`, en: `open ${age.en}` }),
  rows: (locked: number, modified: number): Text => ({
    ko: `락 ${count(locked)}행 · 변경 ${count(modified)}행`,
    en: `${count(locked)} rows locked · ${count(modified)} modified`,
  }),
  waits: (age: Text): Text => ({ ko: `${age.ko} 대기`, en: `waits ${age.en}` }),
  behind: (pids: string): Text => ({ ko: `${pids} 뒤`, en: `behind ${pids}` }),
  unseen: { ko: '막은 세션을 알 수 없음', en: 'who blocks is unknown' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  summary: (waiting: number, open: number): Text => ({
    ko: `대기 ${waiting} · 오래 열린 트랜잭션 ${open}`,
    en: `${waiting} waiting · ${open} open for long`,
  }),
} as const;

/** Whom everybody waits for, then who waits and for what, then what is merely open for long. */
export function waitsRows(value: MysqlWaits, context: RowsContext): readonly Line[] {
  const rooted = value.roots.flatMap((root) => [
    ...rootLines(root, context),
    ...value.waits.filter(({ roots }) => roots[0] === root.pid).flatMap((wait) => waitLines(wait, context)),
  ]);
  const unrooted = value.waits.filter(({ roots }) => roots.length === 0);
  const open = value.longTransactions.filter(({ pid }) => !value.roots.some((root) => root.pid === pid));
  return [
    ...rooted,
    ...unrooted.flatMap((wait) => waitLines(wait, context)),
    ...open.flatMap((transaction) => openLines(transaction, context)),
  ];
}

function rootLines(root: RootBlocker, context: RowsContext): readonly Line[] {
  const { language, width, toneOf } = context;
  const tone = toneOf(root.pid);
  const left: Line = [
    span(`${marks[tone === 'ok' ? 'accent' : tone]} `, tone, { bold: true }),
    span(`${root.pid} `, 'plain', { bold: true }),
    span(`${printable(accountOf(root))}  `),
    span(say(root.isIdle ? words.idle : words.running, language), root.isIdle ? 'warning' : 'muted'),
    span(transactionText(root, language), 'muted'),
  ];
  const right = line(`  ${say(words.waiting(root.waiting), language)}`, tone === 'ok' ? 'plain' : tone);
  const kill = root.kill === undefined ? [] : [span(`  ${root.kill}`, 'accent')];
  return [spread(left, right, width), spread([span('    '), span(statementLine(root), 'muted')], kill, width)];
}

function transactionText({ transaction }: RootBlocker, language: Language): string {
  if (transaction === undefined) return '';
  const { openMs, rowsLocked, rowsModified } = transaction;
  return ` · ${say(words.open(ageOf(openMs)), language)} · ${say(words.rows(rowsLocked, rowsModified), language)}`;
}

function waitLines(wait: LockWait, context: RowsContext): readonly Line[] {
  const { language, width } = context;
  const { waiter, waitedMs, blockers, lock } = wait;
  const behind =
    blockers.known && blockers.value.length > 0
      ? say(words.behind(behindText(blockers.value)), language)
      : say(words.unseen, language);
  const what = lock.known ? lockText(lock.value) : printable(lock.reason);
  const left: Line = [
    span('  └ '),
    span(`${waiter.pid} `, 'plain', { bold: true }),
    span(`${printable(accountOf(waiter))}  `, 'muted'),
    span(what, lock.known ? 'plain' : 'unknown'),
  ];
  const right: Line = [
    span(`  ${behind}  `, blockers.known ? 'muted' : 'unknown'),
    span(say(words.waits(ageOf(waitedMs)), language), waitedMs.known ? 'plain' : 'unknown'),
  ];
  return [spread(left, right, width), cut([span('      '), span(statementLine(waiter), 'muted')], width)];
}

const behindText = (pids: readonly string[]): string =>
  pids.length > 3 ? `${pids.slice(0, 3).join(', ')} …` : pids.join(', ');

function openLines(open: LongTransaction, context: RowsContext): readonly Line[] {
  const { language, width, toneOf } = context;
  const { transaction, isIdle } = open;
  const tone = toneOf(open.pid);
  const left: Line = [
    span(`${tone === 'ok' ? ' ' : marks[tone]} `, tone, { bold: true }),
    span(`${open.pid} `, 'plain', { bold: true }),
    span(`${printable(accountOf(open))}  `),
    span(say(isIdle ? words.idle : words.running, language), 'muted'),
    span(` · ${say(words.rows(transaction.rowsLocked, transaction.rowsModified), language)}`, 'muted'),
  ];
  const right = line(`  ${say(words.open(ageOf(transaction.openMs)), language)}`, tone === 'ok' ? 'plain' : tone);
  return [spread(left, right, width), cut([span('    '), span(statementLine(open), 'muted')], width)];
}

const statementLine = (who: Parameters<typeof statementOf>[0]): string =>
  printable(statementOf(who)).replaceAll(/\s+/g, ' ');

const ageOf = (age: Part<number>): Text => (age.known ? lasted(age.value) : words.unknown);

export function waitsSummary({ waits, longTransactions }: MysqlWaits, { language }: RowsContext): Line {
  return line(say(words.summary(waits.length, longTransactions.length), language));
}
