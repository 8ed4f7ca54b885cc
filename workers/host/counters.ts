/** Monotonic counts since the process began, and gauges that are set. Read by the heartbeat and the IPC transport. */
export interface Counters {
  add(name: string, amount?: number): void;
  set(name: string, value: number): void;
  snapshot(): Readonly<Record<string, number>>;
}

export function createCounters(): Counters {
  const values = new Map<string, number>();
  return {
    add: (name, amount = 1) => void values.set(name, (values.get(name) ?? 0) + amount),
    set: (name, value) => void values.set(name, value),
    snapshot: () => Object.fromEntries(values),
  };
}
