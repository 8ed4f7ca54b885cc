import { stripVTControlCharacters } from 'node:util';

export type Language = 'ko' | 'en';

/** What people read, in both languages, beside the code that says it. */
export interface Text {
  readonly ko: string;
  readonly en: string;
}

export function say(text: Text, language: Language): string {
  return text[language];
}

/** The language of a locale string as in LC_ALL or LANG; English unless it is Korean. */
export function languageOf(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

/** Strips terminal control sequences from text that came from an engine, and normalises Hangul to NFC. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/(?![\t\n])\p{Cc}/gu, '')
    .normalize('NFC');
}
