import { describe, expect, test } from 'vitest';
import { plantedStack } from '../../testing/planted.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { engineRows, engineSummary } from './rows.ts';

const refused = { serves: false, reason: 'connect ECONNREFUSED 127.0.0.1:19094' } as const;

test('an engine that serves shows where, which, how large and how fast', () => {
  expect(texts(engineRows(plantedStack(), rowsContext()))[0]).toBe(
    '✓ mysql             127.0.0.1:13306                   8.0.44  412 MB  0.8 ms',
  );
});

test('one that does not shows why, and whether its process is gone', () => {
  const rows = texts(engineRows(plantedStack({ 'kafka-2': refused }), rowsContext()));
  expect(rows[4]).toBe('✗ kafka-2           process died · connect ECONNREFUSED 127.0.0.1:19094');
});

test('one that could not be asked is unknown, not down', () => {
  const stack = plantedStack({ 'kafka-controller': { serves: 'unknown', reason: 'no broker answers for it' } });
  expect(texts(engineRows(stack, rowsContext()))[2]).toBe(
    '? kafka-controller  cannot be asked · no broker answers for it',
  );
});

test('with too few rows, those that need eyes come first', () => {
  const rows = texts(engineRows(plantedStack({ 'kafka-2': refused }), rowsContext({ height: 3 })));
  expect(rows[0]).toContain('✗ kafka-2');
  expect(rows).toHaveLength(7);
});

describe('in one line', () => {
  test.each([
    [{}, 'en', 'all 7 answer'],
    [{ 'kafka-2': refused }, 'en', '6 of 7 answer'],
    [{ 'kafka-2': refused }, 'ko', '7개 중 6개 응답'],
  ] as const)('%j %s', (answers, language, expected) => {
    expect(texts([engineSummary(plantedStack(answers), rowsContext({ language }))])).toEqual([expected]);
  });
});

test('text of an engine cannot move the cursor', () => {
  const reason = 'down\u001b[2J\u0007';
  const rows = texts(engineRows(plantedStack({ mysql: { serves: false, reason } }), rowsContext()));
  expect(rows[0]).toBe('✗ mysql             process died · down');
});
