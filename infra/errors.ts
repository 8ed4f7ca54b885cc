import type { Text } from './text.ts';

/**
 * Errors are classed by whose problem they are. One handler (cli/output/error.ts) prints them as what, why and what to
 * try, and maps the class to an exit code; nobody else decides about exits.
 */

/** In both languages where the words are ours; a plain string where they are an engine's own, or a command line. */
export type Words = string | Text;

export interface ErrorDetails {
  /** Why it happened, one sentence. */
  readonly why?: Words;
  /** What the operator can do, one command or step each. */
  readonly tryThis?: readonly Words[];
  readonly cause?: unknown;
}

export abstract class DescribedError extends Error {
  readonly why: string | undefined;
  readonly tryThis: readonly string[];
  /** The same three in every language; `message`, `why` and `tryThis` are the English of it, for logs and tests. */
  readonly said: { readonly what: Words; readonly why: Words | undefined; readonly tryThis: readonly Words[] };

  constructor(what: Words, details: ErrorDetails) {
    super(english(what), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.why = details.why === undefined ? undefined : english(details.why);
    this.tryThis = (details.tryThis ?? []).map(english);
    this.said = { what, why: details.why, tryThis: details.tryThis ?? [] };
  }
}

function english(words: Words): string {
  return typeof words === 'string' ? words : words.en;
}

/** The operator asked for something that cannot be: a bad flag, an unknown name, a missing file. */
export class UserError extends DescribedError {
  constructor(message: Words, details: ErrorDetails = {}) {
    super(message, details);
  }
}

/** A guard refused: the request is well formed, and doing it now would harm. */
export class RefusedError extends DescribedError {
  constructor(message: Words, details: ErrorDetails = {}) {
    super(message, details);
  }
}

export type EngineName = 'kafka' | 'mysql' | 'redis' | 'registry' | 'prometheus' | 'machine';

/** An engine (or the machine under it) cannot serve: down, unreachable, out of room, too slow. */
export class EngineError extends DescribedError {
  readonly engine: EngineName;
  /** The engine's own code, where it has one: MySQL's errno, Kafka's error type, a system errno. */
  readonly code: string | number | undefined;

  constructor(engine: EngineName, message: Words, details: ErrorDetails & { readonly code?: string | number } = {}) {
    super(message, details);
    this.engine = engine;
    this.code = details.code;
  }
}

/** A deadline passed. Not an EngineError by itself: the caller knows which engine it waited for. */
export class TimeoutError extends DescribedError {
  constructor(message: Words, details: ErrorDetails = {}) {
    super(message, details);
  }
}

/** The operator stopped it (Ctrl-C, SIGTERM); nothing is wrong. */
export class InterruptedError extends DescribedError {
  constructor(message: Words = { ko: '중단되었습니다', en: 'interrupted' }) {
    super(message, {});
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
