import { printable } from '../../infra/text.ts';

/** A word as a POSIX shell takes it literally. What an engine said must not run as a command when it is pasted. */
export function quotedWord(word: string): string {
  const shown = printable(word).replaceAll(/\s/g, ' ');
  return /^[\w@%+=:,./-]+$/.test(shown) && !shown.startsWith('-') ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
