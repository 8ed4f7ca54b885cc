import type { Key } from 'ink';
import { keysOfCharacter } from './jamo.ts';

/** One key press: its name as the key table writes it, and the text it would type into a field. */
export interface Press {
  readonly name: string;
  readonly text?: string;
}

const named: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

const graphemes = new Intl.Segmenter();

/**
 * Ink delivers chunks, not keys: `jj` or `yes\r` arrive as one call when keys repeat or come over a slow line. Splits a
 * chunk into the presses it was made of.
 */
export function pressesOf(input: string, key: Key): readonly Press[] {
  if (key.tab) return [{ name: key.shift ? 'shift-tab' : 'tab' }];
  const special = named.find(([flag]) => key[flag] === true);
  if (special !== undefined) return [{ name: special[1] }];
  if (key.ctrl) return input === '' ? [] : [{ name: `ctrl-${input}` }];
  if (key.meta) return [];
  return [...graphemes.segment(input)].flatMap(({ segment }) => pressesOfGrapheme(segment));
}

function pressesOfGrapheme(segment: string): readonly Press[] {
  const code = segment.codePointAt(0) ?? 0;
  if (segment === '\r' || segment === '\n' || segment === '\r\n') return [{ name: 'enter' }];
  if (segment === '\t') return [{ name: 'tab' }];
  if (segment === '\x7f' || segment === '\b') return [{ name: 'backspace' }];
  if (segment === '\x1b') return [{ name: 'esc' }];
  if (code >= 1 && code <= 26) return [{ name: `ctrl-${String.fromCodePoint(code + 96)}` }];
  if (code < 32) return [];
  const keys = keysOfCharacter(segment.normalize('NFC'));
  // A text field takes the character once; the shortcuts see every key behind it.
  return keys.map((name, index) => ({ name: name === ' ' ? 'space' : name, text: index === 0 ? segment : '' }));
}
