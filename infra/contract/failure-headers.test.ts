import { expect, test } from 'vitest';
import { attemptOf, type FailureHeaders, readFailureHeaders, withFailureHeaders } from './failure-headers.ts';

const failure: FailureHeaders = {
  attempt: 2,
  origin: { topic: 'account.balance.v1', partition: 3, offset: '9007199254740993' },
  consumer: 'balance-projector',
  class: 'transient',
  exception: 'DependencyUnavailableError',
  message: '환율 서비스가 꺼져 있음',
  failedAtMs: 1_700_000_000_000,
  dueAtMs: 1_700_000_005_000,
};

test('written and read back, beside headers of the record that are kept as they are', () => {
  const binary = Buffer.from([0, 255, 128]);
  const headers = withFailureHeaders({ event_type: 'BalanceChanged', trace: binary }, failure);
  expect(readFailureHeaders(headers)).toEqual(failure);
  expect(headers.event_type?.toString()).toBe('BalanceChanged');
  expect(headers.trace).toEqual(binary);
});

test('headers of others are kept as they are: several values, odd names; one without a value cannot be sent', () => {
  const foreign = { tags: ['a', 'b'], constructor: 'x', toString: 'y', empty: null };
  const headers = withFailureHeaders(foreign as never, failure);
  expect(headers).toMatchObject({ tags: ['a', 'b'], constructor: 'x', toString: 'y' });
  expect(Object.keys(headers)).not.toContain('empty');
  expect(attemptOf({ 'x-attempt': null })).toBe(1);
});

test('the next hop overwrites the set: no header of an earlier one stays', () => {
  const first = withFailureHeaders({}, failure);
  const dead = withFailureHeaders(first, { ...failure, attempt: 3, dueAtMs: undefined, message: 'again' });
  expect(readFailureHeaders(dead)).toEqual({ ...failure, attempt: 3, dueAtMs: undefined, message: 'again' });
  expect(Object.keys(dead).length).toBe(Object.keys(first).length - 1);
});

test('a record of somebody else has no origin; hostile numbers are none', () => {
  expect(
    readFailureHeaders({ 'x-origin-topic': 'a', 'x-origin-partition': '-1', 'x-origin-offset': '1' }),
  ).toBeUndefined();
  expect(
    readFailureHeaders({ 'x-origin-topic': 'a', 'x-origin-partition': '1', 'x-origin-offset': '1e3' }),
  ).toBeUndefined();
  const place = { 'x-origin-topic': 'a', 'x-origin-partition': '1', 'x-origin-offset': '1' };
  for (const wrong of [
    { 'x-origin-topic': '토픽' },
    { 'x-origin-topic': 'x'.repeat(250) },
    { 'x-origin-partition': '2147483648' },
    { 'x-origin-offset': '9223372036854775808' },
  ])
    expect(readFailureHeaders({ ...place, ...wrong })).toBeUndefined();
  expect(readFailureHeaders({ ...place, 'x-origin-due-at-ms': '999999999999999' })?.dueAtMs).toBeUndefined();
  expect(readFailureHeaders(undefined)).toBeUndefined();
  expect(attemptOf({ 'x-attempt': ['1', '3'] })).toBe(3);
  expect(attemptOf({ 'x-attempt': 'many' })).toBe(1);
  expect(attemptOf({ 'x-attempt': '0' })).toBe(1);
});
