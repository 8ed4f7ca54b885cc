import { expect, test } from 'vitest';
import { markdownTable, plainTable } from './table.ts';
import { ageText, bytesText, durationText } from './units.ts';

test('columns align by the cells they take, Hangul taking two, without colours or trailing blanks', async () => {
  const rows = [
    ['노드', '메모리'],
    ['mysql', '210 MB'],
    ['레디스', '9 MB'],
  ];
  expect(await plainTable(rows, [1])).toBe('노드    메모리\nmysql   210 MB\n레디스    9 MB');
});

test('markdown escapes the bar', () => {
  expect(
    markdownTable([
      ['a', 'b'],
      ['x|y', '1'],
    ]),
  ).toBe('| a | b |\n| --- | --- |\n| x\\|y | 1 |');
});

test('sizes and durations read at a glance', () => {
  expect([0, 1_023, 1_536, 734_003_200, 3_221_225_472].map(bytesText)).toEqual([
    '0 B',
    '1023 B',
    '1.5 KB',
    '700 MB',
    '3.0 GB',
  ]);
  expect([83_400, 119_999, 123_000].map(durationText)).toEqual(['83.4 s', '120.0 s', '2 min 3 s']);
  expect([-1, 8_900, 119_000, 5_400_000, 7_200_000, 259_200_000].map(ageText)).toEqual([
    '?',
    '8 s',
    '119 s',
    '90 min',
    '2 h',
    '3 d',
  ]);
});
