import { UserError } from '../infra/errors.ts';
import type { Text } from '../infra/text.ts';
import type { Field } from './fields.ts';

/** Spans of time as people write them: `30s`, `500ms`, `1m30s`. */
export interface DurationBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

const unitsMs = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 } as const;
const part = /(\d+(?:\.\d+)?)(ms|s|min|m|h)/y;

/** @throws UserError */
export function parseDuration(raw: string, bounds: DurationBounds): number {
  const ms = sumOfParts(raw.trim());
  if (ms !== undefined && ms >= bounds.minMs && ms <= bounds.maxMs) return ms;
  const [min, max] = [spanText(bounds.minMs), spanText(bounds.maxMs)];
  const what = ms === undefined ? notOne(raw) : outside(raw);
  throw new UserError(what, {
    why: { ko: `${min} 이상 ${max} 이하여야 합니다`, en: `it takes from ${min} to ${max}` },
    tryThis: suggestions(raw.trim(), bounds),
  });
}

function sumOfParts(text: string): number | undefined {
  let ms = 0;
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const [, amount, unit] = part.exec(text) ?? [];
    if (amount === undefined) return undefined;
    ms += Number(amount) * unitsMs[unit as keyof typeof unitsMs];
  }
  return text === '' ? undefined : ms;
}

const notOne = (raw: string): Text => ({
  ko: `"${raw}"은(는) 시간이 아닙니다`,
  en: `"${raw}" is not a span of time`,
});
const outside = (raw: string): Text => ({ ko: `"${raw}"은(는) 쓸 수 없습니다`, en: `"${raw}" cannot be used` });

/** A number that only lacks its unit is taken at its word, in the unit that fits. */
function suggestions(raw: string, { minMs, maxMs }: DurationBounds): readonly string[] {
  if (!/^\d+$/.test(raw)) return maxMs >= 30_000 ? ['30s', '2m'].filter((one) => within(one, minMs, maxMs)) : ['200ms'];
  const meant = [`${raw}s`, `${raw}ms`].filter((one) => within(one, minMs, maxMs));
  return meant.length > 0 ? meant : [spanText(maxMs)];
}

function within(text: string, minMs: number, maxMs: number): boolean {
  const ms = sumOfParts(text) ?? Number.NaN;
  return ms >= minMs && ms <= maxMs;
}

export function durationArgument(syntax: `<${string}>`, bounds: DurationBounds, summary: Text): Field<number> {
  return { kind: 'argument', syntax, summary, parse: (raw) => parseDuration(String(raw), bounds) };
}

/** The fallback where it is not given. */
export function durationOption(
  syntax: string,
  { fallbackMs, ...bounds }: DurationBounds & { readonly fallbackMs: number },
  summary: Text,
): Field<number> {
  return {
    kind: 'option',
    syntax,
    summary,
    parse: (raw) => (raw === undefined ? fallbackMs : parseDuration(String(raw), bounds)),
  };
}

/** 30_000 → `30s`, 90_000 → `1m30s`, 200 → `200ms`: it can be typed again. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Number(((ms % 60_000) / 1_000).toFixed(1));
  return `${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 || minutes === 0 ? `${seconds}s` : ''}`;
}
