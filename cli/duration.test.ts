import { describe, expect, test } from 'vitest';
import { UserError } from '../infra/errors.ts';
import { parseDuration, spanText } from './duration.ts';

const bounds = { minMs: 1_000, maxMs: 600_000 };

test.each([
  ['30s', 30_000],
  ['2m', 120_000],
  ['2min', 120_000],
  ['1m30s', 90_000],
  ['1.5s', 1_500],
  ['1500ms', 1_500],
  [' 10m ', 600_000],
])('%s', (text, ms) => {
  expect(parseDuration(text, bounds)).toBe(ms);
});

describe('what is no time, or too long or short, is said with what would do', () => {
  test.each([
    ['20', ['20s']],
    ['5000', ['5000ms']],
    ['90000000', ['10m']],
    ['soon', ['30s', '2m']],
    ['', ['30s', '2m']],
    ['-3s', ['30s', '2m']],
    ['3s later', ['30s', '2m']],
    ['500ms', ['30s', '2m']],
    ['20m', ['30s', '2m']],
    ['1h', ['30s', '2m']],
  ])('"%s"', (text, tryThis) => {
    const refused = (): number => parseDuration(text, bounds);
    expect(refused).toThrow(UserError);
    try {
      refused();
    } catch (error) {
      expect((error as UserError).tryThis).toEqual(tryThis);
      expect((error as UserError).why).toBe('it takes from 1s to 10m');
    }
  });
});

test('a span is written so that it can be typed again', () => {
  for (const text of ['200ms', '1s', '1.5s', '30s', '1m', '1m30s', '10m']) {
    expect(spanText(parseDuration(text, { minMs: 1, maxMs: 600_000 }))).toBe(text);
  }
});
