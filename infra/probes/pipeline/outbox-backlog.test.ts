import { expect, test } from 'vitest';
import { known, unknownPart } from '../reading.ts';
import { type OutboxBacklog, outboxBacklog } from './outbox-backlog.ts';

const clean: OutboxBacklog = {
  pending: { rows: 0, exact: true },
  dead: { rows: 0, exact: true },
  oldestPendingMs: known(null),
  perSecond: undefined,
  databaseTime: '2026-01-01 00:00:00.000000',
};
const busy: OutboxBacklog = {
  ...clean,
  pending: { rows: 900, exact: true },
  oldestPendingMs: known(350),
  perSecond: { created: 2_000, sent: 2_000 },
};
const keysOf = (value: OutboxBacklog) => outboxBacklog.judge(value).map(({ key, severity }) => `${key} ${severity}`);

test('silent when nothing waits, and when much passes quickly', () => {
  expect(keysOf(clean)).toEqual([]);
  expect(keysOf(busy)).toEqual([]);
});

test('one row that waits is found, and worse with time', () => {
  expect(keysOf({ ...clean, pending: { rows: 1, exact: true }, oldestPendingMs: known(12_000) })).toEqual([
    'outbox.pending warning',
  ]);
  expect(keysOf({ ...busy, oldestPendingMs: known(61_000) })).toEqual(['outbox.pending critical']);
});

test('one dead row is found', () => {
  expect(keysOf({ ...busy, dead: { rows: 1, exact: true } })).toEqual(['outbox.dead critical']);
});

test('an age that a moved clock spoiled is no finding and no number', () => {
  const skewed = { ...busy, oldestPendingMs: unknownPart<number | null>('clock skew') };
  expect(keysOf(skewed)).toEqual([]);
  expect(outboxBacklog.numbers?.(skewed)).toEqual({ pending: 900, sentPerSecond: 2_000, createdPerSecond: 2_000 });
  expect(outboxBacklog.rows(skewed)[1]?.[2]).toBe('? clock skew');
});

test('a count that stopped says so', () => {
  expect(outboxBacklog.rows({ ...busy, pending: { rows: 100_000, exact: false } })[1]?.[0]).toBe('≥ 100000');
});
