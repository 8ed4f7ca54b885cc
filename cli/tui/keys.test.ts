import { expect, test } from 'vitest';
import { bindingOf, keyTable } from './keys.ts';
import { screens } from './screens/index.ts';

const twice = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);

test('no press means two things, and no action is listed twice', () => {
  expect(twice(keyTable.flatMap(({ presses }) => presses))).toEqual([]);
  expect(twice(keyTable.map(({ id }) => id))).toEqual([]);
});

test('every screen has its key', () => {
  for (const { id, key } of screens) expect(bindingOf(key)?.id).toBe(id);
});

test('esc never quits', () => expect(bindingOf('esc')?.id).toBe('back'));
