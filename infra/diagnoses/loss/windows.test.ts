import { expect, test } from 'vitest';
import { spanFor } from './windows.ts';

test('a window spans more ids where they have gaps, and fewer where they do not', () => {
  expect(spanFor(20_000, { span: 5_000n, rows: 5_000 })).toBe(20_000n);
  expect(spanFor(5_000, { span: 20_000n, rows: 20_000 })).toBe(5_000n);
  // One id in a thousand is there.
  expect(spanFor(10_000, { span: 1_000_000n, rows: 1_000 })).toBe(10_000_000n);
});

test('far from the wanted size it comes near in steps, and never stands still', () => {
  let span = 5_000n;
  // Ids of a snowflake: one row in 2^32.
  for (let step = 0; step < 12; step++) span = spanFor(10_000, { span, rows: Math.max(1, Number(span / 2n ** 32n)) });
  expect(Number(span)).toBeGreaterThan(10_000 * 2 ** 32 * 0.5);
  expect(spanFor(250, { span: 1n, rows: 1_000_000 })).toBe(1n);
});
