import { describe, expect, test } from 'vitest';
import { bar, brailleChart, sparkline } from './chart.ts';

describe('a sparkline', () => {
  test('ends with the newest sample and is blank before the first', () => {
    expect(sparkline([1, 4, 8], 5)).toBe('  ▂▅█');
    expect(sparkline([9, 9, 1, 4, 8], 3)).toBe('▂▅█');
  });

  test('shows what was unknown as a gap, never as 0', () => {
    expect(sparkline([8, undefined, 0], 3)).toBe('█·▁');
  });

  test('of small values stays low when told what counts as much', () => {
    expect(sparkline([3, 4, 3], 3, 100)).toBe('▁▁▁');
    expect(sparkline([3, 400, 3], 3, 100)).toBe('▁█▁');
  });
});

describe('a bar', () => {
  test.each([
    [0, '    '],
    [50, '██  '],
    [100, '████'],
    [1_000, '████'],
    // Something is never drawn as nothing.
    [0.001, '▏   '],
  ])('of %d in 100', (value, drawn) => expect(bar(value, 100, 4)).toBe(drawn));

  test('without a scale is empty', () => expect(bar(0, 0, 3)).toBe('   '));
});

describe('a braille chart', () => {
  test('has exactly its size, whatever it is given', () => {
    for (const samples of [[], [1], [1, undefined, 3], Array.from({ length: 500 }, (_, index) => index)]) {
      const rows = brailleChart(samples, { width: 10, height: 3 });
      expect(rows.map((row) => row.length)).toEqual([10, 10, 10]);
    }
  });

  test('rises from the lower left to the upper right', () => {
    const rows = brailleChart(
      Array.from({ length: 8 }, (_, index) => index),
      { width: 4, height: 2 },
    );
    expect(rows).toEqual(['  ⣠⠞', '⣠⠞⠁ ']);
  });

  test('leaves a gap where nothing was known', () => {
    const [row = ''] = brailleChart([5, 5, undefined, undefined, 5, 5], { width: 3, height: 1 });
    expect(row[1]).toBe(' ');
    expect(row[0]).not.toBe(' ');
  });
});
