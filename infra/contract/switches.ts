/**
 * Faults that live in a worker are rows of `lab_switch`, read by every worker once a second. Names and values are agreed
 * here; an expired row is as good as none, so a switch heals itself when whoever set it is gone.
 */
export const switchNames = {
  /** Value: milliseconds that the handler of this worker waits at each record, 0 < value. */
  slow: (worker: string) => `slow.${worker}`,
  /** Value: `off`. The projector asks the dependency for events of the types that need it. */
  dependency: (dependency: Dependency) => `dependency.${dependency}`,
  /** Value: `on`. The handler of this event type is the build with the bug, until the switch goes: the fix is deployed. */
  bug: (eventType: string) => `bug.${eventType}`,
  /** Value: the share of transfers, 0 … 1, whose first event the writer plants as bytes that nobody can decode. */
  poison: 'poison',
} as const;

/** What the projector's handlers ask for, by name. */
export const dependencies = ['fx-rates'] as const;
export type Dependency = (typeof dependencies)[number];
