import { expect, test } from 'vitest';
import { unknownPart } from '../../../../infra/probes/reading.ts';
import { plantedOutbox } from '../../testing/planted.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { outboxRows, outboxSummary } from './rows.ts';

const context = rowsContext({ width: 40 });

test('what waits, since when, and how fast it comes and goes', () => {
  expect(texts(outboxRows(plantedOutbox(4), context)).map((row) => row.replaceAll(/ +/g, ' '))).toEqual([
    'waiting 4',
    'oldest waits 120 ms',
    'in→sent per second 80 → 80',
  ]);
});

test('rows are counted up to a limit: beyond it, at least so many', () => {
  const capped = { ...plantedOutbox(), pending: { rows: 100_000, exact: false } };
  expect(texts(outboxRows(capped, context))[0]).toMatch(/at least 100,000$/);
  expect(texts(outboxRows(capped, rowsContext({ width: 40, language: 'ko' })))[0]).toMatch(/100,000건 이상$/);
});

test('given-up rows appear only when there are any', () => {
  const dead = { ...plantedOutbox(), dead: { rows: 3, exact: true } };
  expect(texts(outboxRows(dead, context)).join('\n')).toMatch(/given up \(DEAD\) +3/);
  expect(texts(outboxRows(plantedOutbox(), context)).join('\n')).not.toContain('DEAD');
  expect(texts([outboxSummary(dead, context)])).toEqual(['waiting 4 · DEAD 3']);
});

test('an empty outbox, one whose age is unknown, and a first reading without rates', () => {
  expect(texts(outboxRows(plantedOutbox(0), context))[1]).toMatch(/nothing waits$/);
  const unknown = {
    ...plantedOutbox(),
    oldestPendingMs: unknownPart<number | null>('clock skew'),
    perSecond: undefined,
  };
  const rows = texts(outboxRows(unknown, context));
  expect(rows[1]).toMatch(/\? unknown$/);
  expect(rows[2]).toMatch(/from the next reading$/);
});
