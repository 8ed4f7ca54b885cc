import type { Language, Text } from '../../../infra/text.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units = {
  ms: { ko: 'ms', en: ' ms' },
  second: { ko: '초', en: ' s' },
  minute: { ko: '분', en: ' min' },
  hour: { ko: '시간', en: ' h' },
  day: { ko: '일', en: ' d' },
} as const;

/** A span of time in its largest sensible unit: `0.3 s`, `12 s`, `3 min`, `5 h`. */
export function duration(ms: number, language: Language): string {
  const of = (value: number, unit: keyof typeof units, digits = 0): string =>
    `${value.toFixed(digits)}${units[unit][language]}`;
  if (ms < 9950) return of(ms / second, 'second', ms % second === 0 ? 0 : 1);
  if (ms < 2 * minute) return of(ms / second, 'second');
  if (ms < 2 * hour) return of(Math.floor(ms / minute), 'minute');
  if (ms < 2 * day) return of(Math.floor(ms / hour), 'hour');
  return of(Math.floor(ms / day), 'day');
}

/** How long something took: in milliseconds below a second, where tenths of a second would hide the difference. */
export function latency(ms: number, language: Language): string {
  if (ms >= second) return duration(ms, language);
  return `${ms > 0 && ms < 10 ? ms.toFixed(1) : Math.round(ms)}${units.ms[language]}`;
}

// What is drawn anew each second counts in whole ones: tenths that jump about would only be noise.
const elapsed = (ms: number, language: Language): string =>
  duration(Math.max(0, Math.floor(ms / second) * second), language);

/** `14 s`, of a state that lasts. */
export const lasted = (ms: number): Text => ({ ko: elapsed(ms, 'ko'), en: elapsed(ms, 'en') });

/** `for 14 s`. */
export const lasting = (ms: number): Text => ({ ko: `${elapsed(ms, 'ko')}째`, en: `for ${elapsed(ms, 'en')}` });

/** `14 s ago`; `now` for what has just been. */
export const ago = (ms: number): Text =>
  ms < 2 * second ? { ko: '방금', en: 'now' } : { ko: `${elapsed(ms, 'ko')} 전`, en: `${elapsed(ms, 'en')} ago` };

const grouped = new Intl.NumberFormat('en-US');

/** Whole numbers with thousands separators: `48,210`. */
export const count = (value: number | bigint): string => grouped.format(value);

export const megabytes = (bytes: number): string => `${count(Math.round(bytes / 1024 / 1024))} MB`;

const clockFace = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The operator's own wall clock: `14:03:22`. */
export const timeOfDay = (ms: number): string => clockFace.format(ms);

/** A rate: `40/s`, with one decimal where it is small. */
export const perSecond = (rate: number): string => `${rateOf(rate)}/s`;

export const rateOf = (rate: number): string => (rate > 0 && rate < 9.95 ? rate.toFixed(1) : count(Math.round(rate)));

/** 272_000 → `4:32`: what is left of a lease. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
