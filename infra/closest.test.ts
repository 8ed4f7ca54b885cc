import { expect, test } from 'vitest';
import { closest } from './closest.ts';

const commands = ['up', 'down', 'status', 'doctor', 'load', 'logs', 'exp'];

test.each([
  ['stauts', 'status'],
  ['sttus', 'status'],
  ['STATUS', 'status'],
  ['lod', 'load'],
  ['doc', 'doctor'],
  ['pu', 'up'],
  ['xyzzy', undefined],
  ['', undefined],
])('%s means %s', (word, meant) => {
  expect(closest(word, commands)).toBe(meant);
});

test('nothing is close to nothing', () => {
  expect(closest('up', [])).toBeUndefined();
});
