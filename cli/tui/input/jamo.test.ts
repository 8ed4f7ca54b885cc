import { expect, test } from 'vitest';
import { initialsOf, keysOfCharacter, keysOfText } from './jamo.ts';

test.each([
  ['ㅂ', 'q'],
  ['ㅛ', 'y'],
  ['ㅔ', 'p'],
  ['ㅣ', 'l'],
  ['ㅃ', 'Q'],
  ['ㅖ', 'P'],
  ['q', 'q'],
  [':', ':'],
])('%s is the key %s', (character, key) => expect(keysOfCharacter(character)).toEqual([key]));

test('a composed syllable is every key that was pressed for it', () => {
  expect(keysOfText('저')).toBe('wj');
  expect(keysOfText('한글')).toBe('gksrmf');
  expect(keysOfText('값')).toBe('rkqt');
  expect(keysOfText('왜')).toBe('dho');
});

test('decomposed text, as macOS hands it out, is the same text', () => {
  expect(keysOfText('지연'.normalize('NFD'))).toBe(keysOfText('지연'));
});

test('initial consonants', () => expect(initialsOf('컨슈머 지연 p99')).toBe('ㅋㅅㅁ ㅈㅇ p99'));
