import { expect, test } from 'vitest';
import { ago, count, duration, lasting, latency, perSecond } from './format.ts';

test.each([
  [0, '0 s', '0초'],
  [300, '0.3 s', '0.3초'],
  [9_949, '9.9 s', '9.9초'],
  [14_200, '14 s', '14초'],
  [119_000, '119 s', '119초'],
  [121_000, '2 min', '2분'],
  [3 * 3_600_000, '3 h', '3시간'],
  [50 * 3_600_000, '2 d', '2일'],
])('%d ms is %s, %s', (ms, en, ko) => {
  expect(duration(ms, 'en')).toBe(en);
  expect(duration(ms, 'ko')).toBe(ko);
});

test('latencies below a second are in milliseconds', () => {
  expect([0.84, 12.4, 999, 14_000].map((ms) => latency(ms, 'en'))).toEqual(['0.8 ms', '12 ms', '999 ms', '14 s']);
});

test('ages count whole seconds, and the last two are now', () => {
  expect([300, 1_999, 2_700, -50].map((ms) => ago(ms).en)).toEqual(['now', 'now', '2 s ago', 'now']);
  expect(lasting(2_700)).toEqual({ ko: '2초째', en: 'for 2 s' });
});

test('counts are grouped, also beyond what a number can carry', () => {
  expect(count(9_007_199_254_740_993n)).toBe('9,007,199,254,740,993');
});

test('small rates keep a decimal', () => {
  expect([0, 0.25, 12.5, 48_210].map(perSecond)).toEqual(['0/s', '0.3/s', '13/s', '48,210/s']);
});
