import { closest } from '../infra/closest.ts';
import { UserError } from '../infra/errors.ts';
import type { Text } from '../infra/text.ts';

/** As the parser of the command line hands it over; a list for an argument that takes the rest. */
export type RawValue = string | boolean | readonly string[] | undefined;

/** One argument or option of a command: how it is written, what it is for, and how its raw value is parsed. */
export interface Field<T> {
  readonly kind: 'argument' | 'option';
  /** `<probe>`, `[probe]`, `[engine...]`, `-n, --lines <number>`, `--fast`. */
  readonly syntax: string;
  readonly summary: Text;
  readonly hidden?: true;
  /** An option that may be given several times: its raw value is a list. */
  readonly repeats?: true;
  /** @throws UserError saying what was given and what would do. */
  parse(raw: RawValue): T;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type InputOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A positional argument that must be there; commander sees to that. */
export function argument(syntax: `<${string}>`, summary: Text): Field<string> {
  return { kind: 'argument', syntax, summary, parse: (raw) => String(raw) };
}

export function optionalArgument(syntax: `[${string}]`, summary: Text): Field<string | undefined> {
  return { kind: 'argument', syntax, summary, parse: text };
}

/** All that are left, none included. Comes after the other arguments. */
export function restArguments<const C extends string>(
  syntax: `[${string}...]`,
  choices: readonly C[],
  summary: Text,
): Field<readonly C[]> {
  return {
    kind: 'argument',
    syntax,
    summary: withNote(summary, choices.join(' | ')),
    parse: (raw) => (Array.isArray(raw) ? raw.map((word) => choiceOf(syntax, choices, String(word))) : []),
  };
}

export function flag(syntax: string, summary: Text): Field<boolean> {
  return { kind: 'option', syntax, summary, parse: (raw) => raw === true };
}

export function textOption(syntax: string, summary: Text): Field<string | undefined> {
  return { kind: 'option', syntax, summary, parse: text };
}

/** Given as often as one likes; none is an empty list. */
export function repeatableOption(syntax: string, summary: Text): Field<readonly string[]> {
  return {
    kind: 'option',
    syntax,
    summary,
    repeats: true,
    parse: (raw) => (raw === undefined ? [] : Array.isArray(raw) ? raw.map(String) : [String(raw)]),
  };
}

/** For ourselves: understood, and not in the help. */
export function hidden<T>(field: Field<T>): Field<T> {
  return { ...field, hidden: true };
}

export function choiceOption<const C extends string>(
  syntax: string,
  choices: readonly [C, ...C[]],
  summary: Text,
): Field<C> {
  const [fallback] = choices;
  return {
    kind: 'option',
    syntax,
    summary: withNote(summary, `${choices.join(' | ')}`),
    parse(raw) {
      if (raw === undefined) return fallback;
      return choiceOf(syntax, choices, String(raw));
    },
  };
}

function choiceOf<C extends string>(syntax: string, choices: readonly C[], word: string): C {
  const chosen = choices.find((choice) => choice === word);
  if (chosen !== undefined) return chosen;
  throw badValue(syntax, word, {
    why: { ko: `쓸 수 있는 값: ${choices.join(', ')}`, en: `it takes one of: ${choices.join(', ')}` },
    meant: closest(word, choices),
  });
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A whole number within bounds; undefined when it is not given. */
export function numberOption(syntax: string, { min, max }: Bounds, summary: Text): Field<number | undefined> {
  return {
    kind: 'option',
    syntax,
    summary,
    parse(raw) {
      if (raw === undefined) return undefined;
      const value = /^-?\d+$/.test(String(raw)) ? Number(raw) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw badValue(syntax, raw, {
        why: { ko: `${min}에서 ${max} 사이의 정수여야 합니다`, en: `it takes a whole number from ${min} to ${max}` },
      });
    },
  };
}

function badValue(
  syntax: string,
  raw: RawValue,
  { why, meant }: { readonly why: Text; readonly meant?: string | undefined },
): UserError {
  const option = /--[a-z-]+/.exec(syntax)?.[0];
  const name = option ?? syntax.replace(/[^a-z-]/g, '');
  return new UserError(
    { ko: `${name}에 "${raw}"은(는) 쓸 수 없습니다`, en: `${name} cannot be "${raw}"` },
    { why, ...(meant === undefined ? {} : { tryThis: [option === undefined ? meant : `${option} ${meant}`] }) },
  );
}

function withNote(summary: Text, note: string): Text {
  return { ko: `${summary.ko} (${note})`, en: `${summary.en} (${note})` };
}

function text(raw: RawValue): string | undefined {
  return raw === undefined ? undefined : String(raw);
}
