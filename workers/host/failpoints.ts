import type { Clock } from '../../infra/clock.ts';
import type { FailpointPlan } from '../protocol/messages.ts';
import type { Journal } from './journal.ts';

/** Named points at which a worker ends itself. A crash is a real SIGKILL, never an exception. */
export type Failpoint = (name: string) => void;

export interface FailpointEffects {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly kill: () => void;
}

/** Counts the passes of each point; on the planned one it journals that it fired and kills the process. */
export function createFailpoint(
  plans: readonly FailpointPlan[],
  { journal, clock, kill }: FailpointEffects,
): Failpoint {
  const passes = new Map<string, number>();
  return (name) => {
    const pass = (passes.get(name) ?? 0) + 1;
    passes.set(name, pass);
    if (!plans.some((plan) => plan.name === name && plan.pass === pass)) return;
    journal.append({ kind: 'failpoint', name, pass, pid: process.pid, at: clock.now() });
    kill();
  };
}

/** SIGKILL to oneself is delivered before kill(2) returns to user code: nothing after it runs. */
export function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}
