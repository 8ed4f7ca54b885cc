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

const esc = '\u001b';
const c1 = '\u0080-\u009f';

/**
 * Escape sequences of ECMA-48: CSI; OSC, DCS, SOS, PM, APC with their terminator; the two-character ones. Each stops at
 * the next introducer, so a text is gone through once: Node's own stripVTControlCharacters goes back for each unfinished
 * sequence, and 400 KB of them took it 30 s (measured, Node 24.21).
 */
const sequences = new RegExp(
  [
    `(?:${esc}\\[|\u009b)[0-?]*[ -/]*[@-~]`,
    `(?:${esc}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007${esc}${c1}]*(?:\u0007|${esc}\\\\|\u009c)`,
    `${esc}[ -/]*[0-Z\\\\-~]`,
  ].join('|'),
  'g',
);

/**
 * Control characters (C0, C1, DEL) but tab and newline, format characters (bidi overrides and isolates, zero-width ones,
 * the byte order mark: what makes two different names look alike or turns a line around), private use.
 */
const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Co}]/gu;
const plain = /^[\n\t -~]*$/;

/**
 * Text that came from an engine, fit for a terminal: without control sequences and hidden characters, U+2028 and U+2029
 * as a blank, what is no character (half of a surrogate pair) as U+FFFD, Hangul in NFC.
 */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text
    .replace(sequences, '')
    .replace(hidden, '')
    .replace(/[\u2028\u2029]/g, ' ')
    .toWellFormed()
    .normalize('NFC');
}

const shortMax = 300;

/** As `printable`, and at most `max` characters: an engine may hand us megabytes. What was cut is counted at its end. */
export function shortened(text: string, max = shortMax): string {
  if (text.length <= max) return printable(text);
  // What is stripped must not eat into what is shown, and the whole megabyte need not be gone through.
  const shown = printable(text.slice(0, max * 4))
    .slice(0, max)
    .toWellFormed();
  return `${shown}… (${text.length.toLocaleString('en-US')} characters)`;
}

/** Escape sequences that only choose colours (SGR), which are our own by the time a text is drawn. */
const colours = new RegExp(`(${esc}\\[[\\d;]*m)`);

/** The last guard before a terminal: as `printable`, but keeping colours. Whoever draws engines' text strips it first. */
export function drawable(text: string): string {
  if (plain.test(text)) return text;
  return text
    .split(colours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

const boundedMax = 1_000;

/**
 * A value as it was read, with every text in it cut to a bounded length, however deep. Values without long texts, nearly
 * all, are returned as they are.
 */
export function bounded<T>(value: T): T {
  return boundedValue(value) as T;
}

function boundedValue(value: unknown): unknown {
  if (typeof value === 'string') return value.length <= boundedMax ? value : shortened(value, boundedMax);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(boundedValue);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value; // a Map, a Buffer: no probe shows one
  const entries = Object.entries(value).map(([name, part]) => [name, part, boundedValue(part)] as const);
  if (entries.every(([, part, cut]) => part === cut)) return value;
  return Object.fromEntries(entries.map(([name, , cut]) => [name, cut]));
}
