import { expect, test } from 'vitest';
import { known, total, unknownPart } from '../../../../infra/probes/reading.ts';
import { plantedOffsets } from '../../testing/planted-kafka.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { traceOf, widthOf } from '../../ui/line.ts';
import { offsetsRows, offsetsSummary } from './rows.ts';

test('a topic a line, then the partitions in which something waits', () => {
  expect(texts(offsetsRows(plantedOffsets(), rowsContext({ height: 0 })))).toEqual([
    expect.stringMatching(/^ {2}topic +records +LSO→HW +HW→LEO +replica lag$/),
    expect.stringMatching(/^! account\.balance\.v1 .* 50 +8/),
    expect.stringMatching(/^ {2}partition .*LSO +HW +LEO +still/),
    expect.stringMatching(/^ {2}account\.balance\.v1\/1 .*1,250 +1,300 +1,300 +23 s/),
    expect.stringMatching(/^ {2}account\.balance\.v1\/2 .*1,300 +1,300 +1,308 +2 s/),
  ]);
  const wide = texts(offsetsRows(plantedOffsets(), rowsContext({ width: 156, height: 40, language: 'ko' })));
  expect(wide[1]).toMatch(/^! account\.balance\.v1 +3,600 +50 +8 +8$/);
  expect(wide).toHaveLength(6);
  expect(wide[4]).toMatch(/2초 +1:1308 2:1300$/);
});

test('a row is about the first record that is held back or not replicated, else about the newest', () => {
  const about = (height: number) =>
    offsetsRows(plantedOffsets(), rowsContext({ height })).flatMap((row) => traceOf(row) ?? []);
  const [topic, held, unreplicated] = ['1/1250', '1/1250', '2/1300'].map((at) => `account.balance.v1/${at}`);
  expect(about(0)).toEqual([topic, held, unreplicated]);
  expect(about(40)).toEqual([topic, held, unreplicated, 'account.balance.v1/0/1299']);
});

test('unknown is never 0, and at least stays at least', () => {
  const partitions = unknownPart<never>('there is no such topic');
  const none = { topic: 'orders', partitions, held: total([partitions]), unreplicated: total([partitions]) };
  const rows = texts(offsetsRows({ topics: [none], logStartReadAtMs: 0 }, rowsContext()));
  expect(rows[1]).toMatch(/^\? orders .*\? +\?/);
  expect(rows[2]).toBe('  orders: there is no such topic');
  const partly = { ...none, held: total([known(4n), unknownPart('x')]), unreplicated: total([known(0n), known(0n)]) };
  expect(texts([offsetsSummary({ topics: [partly], logStartReadAtMs: 0 }, rowsContext())])).toEqual([
    'held at least 4 · not replicated 0',
  ]);
});

test.each([40, 60, 76, 156])('no line is wider than %i', (width) => {
  for (const language of ['ko', 'en'] as const)
    for (const row of offsetsRows(plantedOffsets(), rowsContext({ width, language, height: 40 })))
      expect(widthOf(row)).toBeLessThanOrEqual(width);
});
