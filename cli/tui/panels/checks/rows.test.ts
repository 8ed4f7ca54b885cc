import { describe, expect, test } from 'vitest';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import type { CheckResult, SqlChecks } from '../../../../infra/probes/sql-checks.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { widthOf } from '../../ui/line.ts';
import { checkRows, checkSummary } from './rows.ts';

const one = (id: string, change: Partial<CheckResult> = {}): CheckResult => ({
  ...{ id, title: id, severity: 'warning', cost: 'slow', takenAtMs: 0 },
  outcome: known({ violated: false, number: undefined, columns: ['id'], rows: [], more: false }),
  ...change,
});

const rows = Array.from({ length: 5 }, (_, index) => [`${index + 1}`, index === 1 ? null : '홍길동\u001b[31m']);
const planted: SqlChecks = {
  checks: [
    one('fine', { title: '결제 없는 주문' }),
    one('later', { cost: 'onDemand', outcome: undefined, takenAtMs: undefined }),
    one('broken', { outcome: unknownPart('not mapped: no column x in y') }),
    one('many', { outcome: known({ violated: true, number: undefined, columns: ['id', 'who'], rows, more: true }) }),
    one('size', {
      ...{ severity: 'critical', threshold: { max: 10 } },
      outcome: known({ violated: true, number: '12', columns: ['n'], rows: [['12']], more: false }),
    }),
  ],
};

describe.each(['ko', 'en'] as const)('%s', (language) => {
  test.each([76, 156])('violated first, with rows; then unknown; then the rest; within %i cells', (width) => {
    const lines = checkRows(planted, rowsContext({ width, language }));
    expect(lines.every((content) => widthOf(content) <= width)).toBe(true);
    const text = texts(lines);
    expect(text.map((row) => /^\S \S+|^ {4}\S+/.exec(row)?.[0])).toEqual([
      '✗ size',
      '! many',
      '    id=1',
      '    id=2',
      '    id=3',
      '    …',
      '? broken',
      '✓ fine',
      '○ later',
    ]);
    expect(text[0]).toMatch(/12 \(≤ 10\)/);
    expect(text[1]).toMatch(language === 'ko' ? /5행 이상/ : /at least 5 rows/);
    expect(text[3]).toBe('    id=2 who=NULL');
    expect(text.join('')).not.toContain('\u001b');
    expect(text[6]).toContain('no column x in y');
  });
});

test('in one line', () => {
  expect(texts([checkSummary(planted, rowsContext({ width: 60, language: 'en' }))])).toEqual([
    '5 checks · 2 violated · ? 1',
  ]);
});
