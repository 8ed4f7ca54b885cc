/**
 * Errors are classed by whose problem they are. One handler (cli/output/error.ts) prints them as what, why and what to
 * try, and maps the class to an exit code; nobody else decides about exits.
 */

export interface ErrorDetails {
  /** Why it happened, one sentence. */
  readonly why?: string;
  /** What the operator can do, one command or step each. */
  readonly tryThis?: readonly string[];
  readonly cause?: unknown;
}

abstract class DescribedError extends Error {
  readonly why: string | undefined;
  readonly tryThis: readonly string[];

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.why = details.why;
    this.tryThis = details.tryThis ?? [];
  }
}

/** The operator asked for something that cannot be: a bad flag, an unknown name, a missing file. */
export class UserError extends DescribedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details);
  }
}

/** A guard refused: the request is well formed, and doing it now would harm. */
export class RefusedError extends DescribedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details);
  }
}

export type EngineName = 'kafka' | 'mysql' | 'redis' | 'registry' | 'machine';

/** An engine (or the machine under it) cannot serve: down, unreachable, out of room, too slow. */
export class EngineError extends DescribedError {
  readonly engine: EngineName;
  /** The engine's own code, where it has one: MySQL's errno, Kafka's error type, a system errno. */
  readonly code: string | number | undefined;

  constructor(engine: EngineName, message: string, details: ErrorDetails & { readonly code?: string | number } = {}) {
    super(message, details);
    this.engine = engine;
    this.code = details.code;
  }
}

/** A deadline passed. Not an EngineError by itself: the caller knows which engine it waited for. */
export class TimeoutError extends DescribedError {
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details);
  }
}

/** The operator stopped it (Ctrl-C, SIGTERM); nothing is wrong. */
export class InterruptedError extends DescribedError {
  constructor(message = 'interrupted') {
    super(message, {});
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
