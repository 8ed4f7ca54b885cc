import { expect, test } from 'vitest';
import { bounded, drawable, printable, shortened } from './text.ts';

const esc = '\u001b';

test.each([
  ['colours and cursor', `${esc}[31mred${esc}[0m${esc}[2J`, 'red'],
  ['a title, ended by BEL', `${esc}]0;owned\u0007x`, 'x'],
  ['an escape that never ends', `a${esc}`, 'a'],
  ['C1: a one-byte CSI', 'a\u009b31mb\u0085c\u007f', 'abc'],
  ['NUL, carriage return, backspace', 'a\0b\rc\b', 'abc'],
  ['bidi overrides and isolates', 'a\u202egnp\u202c\u2066b\u2069\u061c\u200f', 'agnpb'],
  ['zero-width characters', 'pay\u200bment\u2060\ufeff\u00ad', 'payment'],
  ['line separators', 'a\u2028b\u2029c', 'a b c'],
  ['half a surrogate pair', 'a\ud83db\udc00', 'a\ufffdb\ufffd'],
  ['decomposed Hangul', '한글'.normalize('NFD'), '한글'],
  ['what is meant so', 'a\tb\nc 😀 é', 'a\tb\nc 😀 é'],
])('printable: %s', (_, given, shown) => {
  expect(printable(given)).toBe(shown);
});

test('a megabyte is cut, and says how long it was', () => {
  expect(shortened('x'.repeat(1_048_576), 10)).toBe('xxxxxxxxxx… (1,048,576 characters)');
  expect(shortened(`${esc}[31m`.repeat(3) + 'y'.repeat(20), 10)).toMatch(/^y{10}… /);
  expect(shortened('짧음')).toBe('짧음');
  // Cut in the middle of a pair: half of it is no character.
  expect(shortened('😀'.repeat(20), 5)).toBe('😀😀\ufffd… (40 characters)');
});

test('stripping megabytes of unfinished escapes takes no time', () => {
  const hostile = `${esc}[`.repeat(100_000) + `${esc}]`.repeat(100_000);
  expect(printable(hostile)).not.toContain(esc);
  expect(printable('\u009d'.repeat(400_000) + `${esc}[0`.repeat(200_000))).not.toContain(esc);
});

test('the last guard keeps colours and nothing else', () => {
  expect(drawable(`${esc}[31mred${esc}[0m${esc}[2J\u202e한`)).toBe(`${esc}[31mred${esc}[0m한`);
});

test('a value with long texts is cut however deep; any other is the same object', () => {
  const fine = { rows: [{ id: 1n, name: 'a' }], at: null };
  expect(bounded(fine)).toBe(fine);
  const long = { name: 'x'.repeat(5_000), inner: fine };
  const cut = bounded(long);
  expect(cut.name).toHaveLength(1_000 + '… (5,000 characters)'.length);
  expect(cut.inner).toBe(fine);
});
