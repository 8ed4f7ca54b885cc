import type { Target } from '../target.ts';
import type { Text } from '../text.ts';

export type Severity = 'ok' | 'warning' | 'critical';

/** Something a probe sees that an operator should look at. */
export interface Finding {
  /** Stable within a probe, so that "since when" survives from one reading to the next: `lag.projector`. */
  readonly key: string;
  readonly severity: Exclude<Severity, 'ok'>;
  readonly text: Text;
}

/** What a measurement or a diagnosis is narrowed to; each of them says which of these it understands. */
export interface Subject {
  readonly txId?: string;
  readonly accountId?: bigint;
  /** A dedup_key for the pipeline, a key for a cache. */
  readonly keys?: readonly string[];
}

/** How each part of a subject is given on the command line. */
export const subjectOptions = { txId: '--tx', accountId: '--account', keys: '--key' } as const;

export interface ReadContext<T> {
  readonly signal: AbortSignal;
  readonly subject?: Subject;
  /** The reading before, for rates. Carries the engine's identity where a restart would falsify a rate. */
  readonly previous: { readonly value: T; readonly takenAtMs: number } | undefined;
  readonly nowMs: number;
}

/** One native command or statement that gives the same number, made by somebody else's tool. */
export interface NativeCommand {
  /** `kafka-consumer-groups …`, `mysql -e …`, `redis-cli …`, as an operator would type it. */
  readonly command: string;
  /** What in its output is this probe's number. */
  readonly shows: Text;
}

/**
 * One read-only measurement. Everything else names it by its id: `labctl get`, panels, diagnoses, runbooks, experiments.
 * A probe never changes a setting of what it measures.
 */
export interface Probe<T> {
  readonly id: `${string}.${string}`;
  /** Short, for people. */
  readonly title: Text;
  /** How often it may be read: every tick, every few ticks, or only when asked. */
  readonly cost: 'tick' | 'slow' | 'onDemand';
  readonly timeoutMs: number;
  /** One reading tells all of it: nothing in its value, nor in its judgement, comes from a reading before. */
  readonly readsOnce?: true;
  /** By which parts of a subject it can be narrowed; absent: it always looks at everything. */
  readonly narrowsBy?: readonly (keyof Subject)[];
  /** Whether the names of a target include what is measured; absent: where there is a native command for it. */
  isMapped?(target: Target): boolean;
  /** @throws UnknownValue when the target lacks what is measured; any other error becomes the reading's reason too. */
  read(target: Target, context: ReadContext<T>): Promise<T>;
  /** Pure: what in a value deserves attention. */
  judge(value: T): readonly Finding[];
  /** Pure: the few numbers of a value worth a sparkline, by name; absent where nothing moves. */
  numbers?(value: T): Readonly<Record<string, number>>;
  /** Pure: rows of a plain table, the first being the heading; used by `labctl get`. */
  rows(value: T): readonly (readonly string[])[];
  /**
   * The native commands that prove the number; empty where the target lacks what is measured.
   * @param about what was asked for, and what was read: a command can then name what the reading found.
   */
  verifyWith(target: Target, about?: { readonly subject?: Subject; readonly value?: T }): readonly NativeCommand[];
}
