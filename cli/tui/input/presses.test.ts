import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { pressesOf } from './presses.ts';

const noKey: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};
const names = (input: string, key: Partial<Key> = {}) => pressesOf(input, { ...noKey, ...key }).map(({ name }) => name);

describe('a chunk of input is every press in it', () => {
  test.each([
    ['jj', ['j', 'j']],
    ['yes\r', ['y', 'e', 's', 'enter']],
    ['a\x7f\t\x1b', ['a', 'backspace', 'tab', 'esc']],
    ['ab\x1a', ['a', 'b', 'ctrl-z']],
    ['ㅓㅓ', ['j', 'j']],
    ['저 ', ['w', 'j', 'space']],
    ['\r\n', ['enter']],
  ])('%j', (input, expected) => expect(names(input)).toEqual(expected));
});

describe('a key that Ink has recognised', () => {
  test.each([
    ['', { downArrow: true }, ['down']],
    ['', { tab: true, shift: true }, ['shift-tab']],
    ['c', { ctrl: true }, ['ctrl-c']],
    ['\r', { return: true }, ['enter']],
    ['x', { meta: true }, []],
    ['', {}, []],
  ] as const)('%j %j', (input, key, expected) => expect(names(input, key)).toEqual(expected));
});

test('a syllable types itself once, though it was several keys', () => {
  const texts = pressesOf('지', noKey).map(({ text }) => text);
  expect(texts).toEqual(['지', '']);
});
