import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Endpoints, Stack } from '../stack/stack.ts';
import type { Text } from '../text.ts';
import type { FaultLease, FaultParameters } from './lease.ts';

/**
 * What a fault may touch: the engines that labctl itself runs. An operator's own stack has no Stack, so no fault can be
 * aimed at it.
 */
export interface FaultLab {
  readonly config: Config;
  readonly stack: Stack;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
}

/** One way to break something, with its parameters. */
export interface Fault {
  readonly kind: string;
  readonly parameters: FaultParameters;
  /** What is broken, in a word: a node, a worker. */
  readonly target: string;
  /** What was done to it, for people. */
  readonly does: Text;
  /** Things that no second fault may touch meanwhile: `node:kafka-2`. */
  readonly claims: readonly string[];
  /** It lives in an engine's data: stopping the whole lab does not undo it. */
  readonly outlivesStack: boolean;
  /** Before anything is written. @throws RefusedError or UserError where it cannot be injected now. */
  check(lab: FaultLab): Promise<void>;
  /**
   * @param forMs for what can end by itself even when every process of ours is dead.
   * @param signal once it has aborted, nothing may be broken any more: the wait for another labctl ends by it.
   * @throws InterruptedError when it ended by the signal, with nothing broken.
   */
  inject(lab: FaultLab, forMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Undoes it and returns when that was verified with the engine itself. Repeatable, also where nothing is broken.
   * @param phase breaking: the injector died at it.
   * @param signal gives the attempt up; it settles soon after.
   */
  heal(lab: FaultLab, phase: FaultLease['phase'], signal: AbortSignal): Promise<void>;
}

export interface FaultSpec<P extends FaultParameters> {
  readonly kind: string;
  readonly parameters: z.ZodType<P>;
  target(parameters: P): string;
  does(parameters: P): Text;
  claims(parameters: P): readonly string[];
  readonly outlivesStack?: true;
  check?(parameters: P, lab: FaultLab): Promise<void>;
  inject(parameters: P, lab: FaultLab, forMs: number, signal: AbortSignal): Promise<void>;
  heal(parameters: P, lab: FaultLab, phase: FaultLease['phase'], signal: AbortSignal): Promise<void>;
}

export interface FaultKind<P extends FaultParameters = never> {
  readonly kind: string;
  of(parameters: P): Fault;
  /** From a lease that another process wrote. @throws ZodError for parameters of another shape. */
  revive(parameters: FaultParameters): Fault;
}

/** To add a fault: a file that exports `faultKind({…})`, its line in infra/faults/index.ts, its line in the real test. */
export function faultKind<P extends FaultParameters>(spec: FaultSpec<P>): FaultKind<P> {
  const of = (parameters: P): Fault => ({
    kind: spec.kind,
    parameters,
    target: spec.target(parameters),
    does: spec.does(parameters),
    claims: spec.claims(parameters),
    outlivesStack: spec.outlivesStack === true,
    check: async (lab) => spec.check?.(parameters, lab),
    inject: (lab, forMs, signal) => spec.inject(parameters, lab, forMs, signal),
    heal: (lab, phase, signal) => spec.heal(parameters, lab, phase, signal),
  });
  return { kind: spec.kind, of, revive: (parameters) => of(spec.parameters.parse(parameters)) };
}
