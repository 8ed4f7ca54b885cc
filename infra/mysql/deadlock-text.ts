import { lockAt, type PrintedLock } from './lock-text.ts';

/**
 * The last deadlock as SHOW ENGINE INNODB STATUS tells it, as its sides. Read on MySQL and MariaDB, whose words differ: MySQL
 * prints what each transaction holds; MariaDB prints, under each wait, whose locks are in the way (CONFLICTING WITH),
 * and lists the sides the other way round.
 */
export interface Deadlock {
  /** As printed, by the server's local clock: `2026-11-22 12:36:03`. */
  readonly at: string;
  readonly sides: readonly DeadlockSide[];
  readonly class: DeadlockClass;
  /** The same for the same deadlock in every reading of the text. */
  readonly fingerprint: string;
}

export interface DeadlockSide {
  readonly trxId: string;
  /** What KILL and the processlist call it. */
  readonly threadId: string | undefined;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly query: string;
  readonly holds: readonly PrintedLock[];
  readonly waitsFor: PrintedLock | undefined;
  /** It was rolled back so that the others could go on. */
  readonly victim: boolean;
}

/**
 * AB-BA: each holds a row that the other wants. gap: each holds a gap into which the other wants to insert. duplicate key: an
 * insert met a row that another open transaction inserted, and waits for it with a shared lock. upgrade: both hold the
 * same row shared and want it exclusively.
 */
export type DeadlockClass = 'AB-BA' | 'gap and insert intention' | 'duplicate key' | 'lock upgrade' | 'other';

/** Longer statements are cut: a bulk insert may be a megabyte. */
const queryMax = 400;
const sidesMax = 16;

const timeLine = /^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|\d{6} +\d{1,2}:\d\d:\d\d)/;
const sideLine = /^\*\*\* \((\d+)\) TRANSACTION:$/;
const trxLine = /^TRANSACTION (\d+), ACTIVE/;
const threadLine = /^(?:MySQL|MariaDB) thread id (\d+), OS thread handle \S+, query id \d+ ?(.*)$/;
const lockLine = /^\*\*\* (?:\((\d+)\) )?(HOLDS THE LOCK\(S\)|WAITING FOR THIS LOCK TO BE GRANTED|CONFLICTING WITH):$/;
const victimLine = /^\*\*\* WE ROLL BACK TRANSACTION \((\d+)\)$/;

/**
 * @param status the whole text of SHOW ENGINE INNODB STATUS, or its section about the deadlock alone.
 * @returns undefined where there was none since the server started, or where its text cannot be read. Never throws.
 */
export function parseDeadlock(status: string): Deadlock | undefined {
  const lines = sectionOf(status);
  const at = lines.find((line) => timeLine.test(line));
  const starts = lines.flatMap((line, index) => (sideLine.test(line) ? [index] : [])).slice(0, sidesMax);
  if (starts.length === 0) return undefined;
  // The last such line: a statement's text could hold one too.
  const victim = lines.findLast((line) => victimLine.test(line));
  const victimNumber = victim === undefined ? undefined : victimLine.exec(victim)?.[1];
  const drafts = starts.map((start, index) => draftOf(lines.slice(start, starts[index + 1])));
  const conflicts = drafts.flatMap(({ conflicting }) => conflicting);
  const sides = drafts.map(({ number, conflicting: _, ...side }): DeadlockSide => {
    const others = conflicts.filter(({ trxId }) => trxId === side.trxId);
    const holds = side.holds.length > 0 ? side.holds : distinct(others);
    return { ...side, holds, victim: number === victimNumber };
  });
  const found = timeLine.exec(at ?? '')?.[1] ?? '';
  const fingerprint = [found, ...sides.map(({ trxId, threadId }) => `${trxId}@${threadId ?? ''}`).sort()].join(' ');
  return { at: found, sides, class: classOf(sides), fingerprint };
}

/** From its heading to the next one; a text without the heading is the section itself. */
function sectionOf(status: string): readonly string[] {
  const lines = status.split(/\r?\n/);
  const heading = lines.findIndex((line) => line.startsWith('LATEST DETECTED DEADLOCK'));
  if (heading < 0) return sideLine.test(lines[1] ?? '') || sideLine.test(lines[0] ?? '') ? lines : [];
  const body = lines.slice(heading + 2);
  const end = body.findIndex((line, index) => line === 'TRANSACTIONS' && /^-+$/.test(body[index - 1] ?? ''));
  return end < 0 ? body : body.slice(0, end - 1);
}

type Draft = Omit<DeadlockSide, 'victim'> & { readonly number: string; readonly conflicting: readonly PrintedLock[] };

/** The lines from one `*** (n) TRANSACTION:` to the next. */
function draftOf(lines: readonly string[]): Draft {
  const number = sideLine.exec(lines[0] ?? '')?.[1] ?? '';
  const trxId = lines.flatMap((line) => trxLine.exec(line)?.[1] ?? [])[0] ?? '';
  const threadAt = lines.findIndex((line) => threadLine.test(line));
  const [, threadId, session = ''] = threadLine.exec(lines[threadAt] ?? '') ?? [];
  const locks = { holds: [] as PrintedLock[], waits: [] as PrintedLock[], conflicting: [] as PrintedLock[] };
  let into: PrintedLock[] | undefined;
  for (const [index, line] of lines.entries()) {
    const heading = lockLine.exec(line)?.[2];
    if (heading !== undefined) into = listFor(heading, locks);
    const lock = into === undefined ? undefined : lockAt(lines, index);
    if (lock !== undefined) into?.push(lock);
  }
  const { holds, waits, conflicting } = locks;
  return {
    number,
    trxId,
    threadId,
    ...accountIn(session),
    query: threadAt < 0 ? '' : queryBelow(lines, threadAt),
    holds: distinct(holds),
    waitsFor: waits.find(({ waiting }) => waiting) ?? waits[0],
    conflicting,
  };
}

function listFor<T>(heading: string, lists: { holds: T; waits: T; conflicting: T }): T {
  if (heading.startsWith('HOLDS')) return lists.holds;
  return heading.startsWith('WAITING') ? lists.waits : lists.conflicting;
}

function queryBelow(lines: readonly string[], threadAt: number): string {
  const below = lines.slice(threadAt + 1);
  const end = below.findIndex((line) => lockLine.test(line) || victimLine.test(line));
  const query = (end < 0 ? below : below.slice(0, end)).join('\n').trim();
  return query.length > queryMax ? `${query.slice(0, queryMax)}…` : query;
}

/** `[host] [ip] user state`: a host name is missing where names are not resolved, the ip where a socket is used. */
function accountIn(session: string): { readonly user: string | undefined; readonly host: string | undefined } {
  const isAddress = (word: string | undefined): boolean =>
    word !== undefined && /^(?:[\d.]+|[\da-f:.]*:[\da-f:.]*)$/i.test(word);
  const [first, second, third] = session.split(' ');
  if (isAddress(second)) return { host: second, user: third };
  return { host: first === '' ? undefined : first, user: second };
}

function distinct(locks: readonly PrintedLock[]): readonly PrintedLock[] {
  const texts = new Set<string>();
  return locks.filter((lock) => {
    const text = JSON.stringify(lock);
    const isNew = !texts.has(text);
    texts.add(text);
    return isNew;
  });
}

function classOf(sides: readonly DeadlockSide[]): DeadlockClass {
  const waits = sides.flatMap(({ waitsFor, query }) => (waitsFor === undefined ? [] : [{ ...waitsFor, query }]));
  if (waits.length < 2) return 'other';
  if (waits.some(({ mode }) => mode.includes('insert intention'))) return 'gap and insert intention';
  const isShared = (mode: string): boolean => /^S\b/.test(mode);
  if (waits.some(({ mode, query }) => isShared(mode) && isInsert(query))) return 'duplicate key';
  const places = new Set(waits.map(placeOf));
  if (places.size === 1 && sides.every(({ holds }) => holds.some(({ mode }) => isShared(mode)))) return 'lock upgrade';
  return places.size > 1 ? 'AB-BA' : 'other';
}

/** Comments may come first: applications mark their statements so. */
const isInsert = (query: string): boolean =>
  /^(?:\s|\/\*[\s\S]*?\*\/|--[^\n]*\n)*(?:insert|replace|load)\b/i.test(query);

/** Where a lock is: the same for two locks that can be in each other's way. */
export function placeOf({ schema, table, index, keys }: PrintedLock): string {
  return JSON.stringify([schema, table, index, ...keys.map((key) => key.map(({ hex }) => hex))]);
}
