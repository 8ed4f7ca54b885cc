import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { cut, cutText, line, merged, padTo, span, spread, textOf, widthOf, wrap } from './line.ts';

describe('cutting', () => {
  test.each([
    ['kafka-controller', 8, 'kafka-c…'],
    ['kafka', 5, 'kafka'],
    ['컨슈머 지연', 5, '컨슈…'],
    // A Hangul syllable takes two cells: with one left, nothing of it may be shown.
    ['컨슈머 지연', 4, '컨…'],
    ['anything', 0, ''],
  ])('%s in %i cells is %s', (text, width, shown) => {
    expect(cutText(text, width)).toBe(shown);
    expect(stringWidth(cutText(text, width))).toBeLessThanOrEqual(width);
  });

  test('a line that goes on past the edge says so even where its span just fits', () => {
    expect(textOf(cut([span('abcd'), span('ef')], 4))).toBe('abc…');
    expect(textOf(cut([span('abcd'), span('')], 4))).toBe('abcd');
  });

  test('keeps the tones of what is left', () => {
    expect(cut([span('ok ', 'ok'), span('connection refused', 'critical')], 8)).toEqual([
      span('ok ', 'ok'),
      span('conn…', 'critical'),
    ]);
  });
});

test.each([1, 2, 5, 11, 40])('padded to %i cells, a line has exactly that many', (width) => {
  expect(widthOf(padTo(line('커밋→전송 12ms'), width))).toBe(width);
});

test('the right end of a spread line stays whole, its left gives way', () => {
  expect(textOf(spread(line('oldest unapplied'), line('14 s'), 12))).toBe('oldest …14 s');
  expect(textOf(spread(line('lag'), line('0'), 8))).toBe('lag    0');
});

test('wraps at blanks, and breaks a word only when it is longer than a line', () => {
  expect(wrap('connect ECONNREFUSED 127.0.0.1:13306', 20)).toEqual(['connect ECONNREFUSED', '127.0.0.1:13306']);
  expect(wrap('이 대상에는 없는 항목', 11)).toEqual(['이 대상에는', '없는 항목']);
  expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
});

test('merging spans changes neither text nor looks', () => {
  const before = [span('a', 'ok'), span('b', 'ok'), { text: '  ' }, span('c'), span('d', 'plain', { bold: true })];
  expect(merged(before)).toEqual([span('ab  ', 'ok'), span('c'), span('d', 'plain', { bold: true })]);
  const badge = [span(' FROZEN ', 'warning', { inverse: true }), { text: ' ' }];
  expect(merged(badge)).toHaveLength(2);
});
