import { describe, expect, test } from 'vitest';
import { foldedLine, frame, windowed } from './frame.ts';
import { line, span, textOf, widthOf } from './line.ts';

describe('a frame', () => {
  test('is titled, dated, and says what is below', () => {
    const rows = frame({
      title: '엔진',
      note: span('방금'),
      foot: span('2줄 더 ↓'),
      mark: { text: '✓', tone: 'ok' },
      lines: [line('mysql')],
      width: 24,
      height: 3,
    });
    expect(rows.map(textOf)).toEqual([
      '╭─ ✓ 엔진 ────── 방금 ─╮',
      '│ mysql                │',
      '╰─────────── 2줄 더 ↓ ─╯',
    ]);
  });

  test('has focus without colour: its edges are heavy', () => {
    expect(textOf(frame({ title: 'x', lines: [], width: 9, height: 2, focused: true })[0] ?? [])).toBe('┏━ x ━━━┓');
  });

  test.each([
    [6, 3],
    [12, 2],
    [23, 5],
    [80, 9],
  ])('is exactly %i × %i, whatever is in it', (width, height) => {
    const rows = frame({
      title: 'Pipeline freshness',
      note: span('12 s ago'),
      foot: span('120 more ↓'),
      mark: { text: '!', tone: 'warning' },
      lines: Array.from({ length: 20 }, () => line('커밋에서 캐시까지 걸린 시간')),
      width,
      height,
    });
    expect(rows).toHaveLength(height);
    for (const row of rows) expect(widthOf(row)).toBe(width);
  });
});

test('a folded panel is one line with its mark and summary', () => {
  const row = foldedLine({
    title: 'Workers',
    mark: { text: '?', tone: 'unknown' },
    summary: line('unknown for 6 s · connect ECONNREFUSED'),
    focused: true,
    width: 30,
  });
  expect(textOf(row)).toBe('›? Workers  unknown for 6 s ·…');
});

test('a window never scrolls past its last line', () => {
  const lines = ['a', 'b', 'c', 'd'].map((text) => line(text));
  const shown = (from: number) => windowed(lines, { height: 3, from });
  expect(shown(0).lines.map(textOf).join('')).toBe('abc');
  expect(shown(0).below).toBe(1);
  expect(shown(99).lines.map(textOf).join('')).toBe('bcd');
  expect(shown(99).below).toBe(0);
});
