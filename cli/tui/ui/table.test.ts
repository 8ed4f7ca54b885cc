import { expect, test } from 'vitest';
import { line, textOf, widthOf } from './line.ts';
import { table } from './table.ts';

const rows = [
  [line('mysql'), line('8.0.44'), line('412 MB')],
  [line('kafka-controller'), line('4.4.0'), line('9 MB')],
];
const columns = [{ grow: true }, { drop: 1 }, { align: 'right' }] as const;
const drawn = (width: number) => table(rows, { width, columns }).map(textOf);

test('columns line up, and the growing one takes what is left', () => {
  expect(drawn(36)).toEqual(['mysql                 8.0.44  412 MB', 'kafka-controller      4.4.0     9 MB']);
});

test('too narrow: a droppable column goes before anything is cut', () => {
  expect(drawn(26)).toEqual(['mysql               412 MB', 'kafka-controller      9 MB']);
});

test('narrower still: the growing column is cut', () => {
  expect(drawn(16)).toEqual(['mysql     412 MB', 'kafka-c…    9 MB']);
});

test.each([1, 3, 8, 13, 20, 27, 33, 60])('no line is wider than %i cells', (width) => {
  for (const row of table(rows, { width, columns })) expect(widthOf(row)).toBeLessThanOrEqual(width);
});

test('free text gives way to its minimum before a neighbour is dropped', () => {
  const words = [[line('q'), line('Close the console; engines go on'), line('always')]];
  const shown = table(words, { width: 30, columns: [{}, { grow: true, min: 10 }, { drop: 1 }] }).map(textOf);
  expect(shown).toEqual(['q  Close the console;…  always']);
});
