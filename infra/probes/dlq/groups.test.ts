import { expect, test } from 'vitest';
import { known, notMapped, unknownPart } from '../reading.ts';
import { type DeadLetterGroup, type DlqGroups, dlqGroups } from './groups.ts';
import type { Rung } from './retry-ladder.ts';
import type { Unindexed } from './unindexed.ts';

const unindexed = (atLeast: bigint, stillMs: number, unknown = 0): DlqGroups['unindexed'] =>
  known<Unindexed>({ topic: 'account.balance.dlq', records: { atLeast, unknown, parts: 3 }, stillMs, partitions: [] });

const rung = (change: Partial<Rung> = {}): Rung => ({
  rung: 'retry.5s',
  ahead: 3,
  due: 0,
  overdue: 0,
  nextInMs: 1_200,
  oldestDueMs: null,
  ...change,
});

const group = (change: Partial<DeadLetterGroup> = {}): DeadLetterGroup => ({
  fingerprint: 'a1b2c3d4e5f6',
  newestId: 12n,
  class: 'schema',
  exception: 'DecodeError',
  eventType: 'BalanceChanged',
  rows: 12,
  copies: 13n,
  newestMessage: 'truncated buffer',
  newestDedupKey: null,
  distinctMessages: 2,
  newestAgeMs: known(600_000),
  oldestAgeMs: known(7_200_000),
  perMinute: { now: 0, before: 0 },
  ...change,
});

const quiet: DlqGroups = {
  groups: [],
  deadLetters: { rows: 0, exact: true },
  copies: 0n,
  byClass: [],
  lastMinute: 0,
  perSecond: 0,
  unindexed: unindexed(0n, 0),
  ladder: known({ rungs: [], exact: true }),
  databaseTime: '2026-01-01 00:00:00.000000',
  newestId: 0n,
};
const busy: DlqGroups = {
  ...quiet,
  groups: [group()],
  deadLetters: { rows: 12, exact: true },
  unindexed: unindexed(4n, 2_000),
  ladder: known({ rungs: [rung(), rung({ rung: 'retry.1m', due: 2, oldestDueMs: known(4_000) })], exact: true }),
};

const found = (value: DlqGroups) => dlqGroups.judge(value).map(({ key, severity, text }) => [key, severity, text.en]);

test('silent with nothing dead, with dead letters that are known, and with a ladder that works', () => {
  expect(found(quiet)).toEqual([]);
  expect(found(busy)).toEqual([]);
});

test('new dead letters are told with their rate, their kinds and the most frequent one', () => {
  const groups = [group({ perMinute: { now: 200, before: 0 } }), group({ perMinute: { now: 40, before: 0 } }), group()];
  expect(found({ ...busy, lastMinute: 240, groups })).toEqual([
    [
      'dlq.arriving',
      'warning',
      '240 new dead letters in the last minute (4.0/s) of 2 kinds, most of them schema DecodeError',
    ],
  ]);
});

test('retries that nobody came back for are found on their rung', () => {
  const rungs = [rung({ rung: 'retry.1m', due: 5, overdue: 2, oldestDueMs: known(75_000) })];
  expect(found({ ...busy, ladder: known({ rungs, exact: true }) })).toEqual([
    ['dlq.overdue.retry-1m', 'warning', '2 retries on retry.1m are past their due time, the oldest by 75 s'],
  ]);
  expect(found({ ...busy, ladder: known({ rungs, exact: false }) })[0]?.[2]).toMatch(/^at least 2 retries/);
});

test('an indexer that stands still is found, one that works is not', () => {
  expect(found({ ...quiet, unindexed: unindexed(900n, 1_000) })).toEqual([]);
  expect(found({ ...quiet, unindexed: unindexed(0n, 60_000) })).toEqual([]);
  expect(found({ ...quiet, unindexed: unindexed(9n, 20_000, 1) })).toEqual([
    [
      'dlq.unindexed',
      'warning',
      'at least 9 records of account.balance.dlq are not indexed, and for 20 s none was (dlq-indexer)',
    ],
  ]);
});

test('parts that are unknown are neither findings nor numbers', () => {
  const dark: DlqGroups = { ...busy, unindexed: unknownPart('no broker'), ladder: unknownPart(notMapped) };
  expect(found(dark)).toEqual([]);
  expect(dlqGroups.numbers?.(dark)).toEqual({ deadLetters: 12, lastMinute: 0, perSecond: 0 });
  expect(dlqGroups.rows(dark).slice(-2)).toEqual([
    ['in retry', '', '? not mapped', '', '', '', '', '', '', ''],
    ['unindexed', '', '', '? no broker', '', '', '', '', '', ''],
  ]);
  expect(dlqGroups.numbers?.(busy)).toMatchObject({ unindexed: 4, inRetry: 8 });
});

test('every row of the table is as wide as its heading', () => {
  const [heading, ...rows] = dlqGroups.rows(busy);
  for (const row of rows) expect(row).toHaveLength(heading?.length ?? 0);
});
