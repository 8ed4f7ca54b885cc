import type { ProbeId, ProbeValue } from './index.ts';
import type { Finding } from './probe.ts';
import type { Reading } from './reading.ts';

/**
 * Live state outside React: whoever produces ticks (the sampler, later a recording) commits into it once a tick, panels
 * select from it (`useSyncExternalStore(store.subscribe, () => select(store.getSnapshot()))`). No engine client behind it.
 */
export interface ProbeStore extends TickSink {
  /** @returns the unsubscribe function. Listeners run once a commit. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until the next commit; everything in it is immutable, unchanged parts keep their identity. */
  readonly getSnapshot: () => StoreSnapshot;
}

/** What a feed writes into. */
export interface TickSink {
  readonly commit: (tick: Tick) => void;
}

/** Everything that one tick brought; probes it does not name keep their standing reading. */
export interface Tick {
  readonly atMs: number;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly probeId: string;
  readonly reading: Reading<unknown>;
  /** What the probe's judge found in a known value; empty for an unknown one. */
  readonly findings: readonly Finding[];
  /** The probe's key numbers; empty for an unknown value. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A finding that stands: seen in the probe's last known value. */
export interface StandingFinding {
  readonly probeId: string;
  readonly finding: Finding;
  /** Seen without a break since. */
  readonly sinceMs: number;
  /** Last seen. Older than the probe's last attempt when the probe has become unknown: then nobody knows it is gone. */
  readonly seenMs: number;
}

/** One point of a history: null where the number was unknown at that time. */
export interface HistoryPoint {
  readonly atMs: number;
  readonly value: number | null;
}

export interface StoreSnapshot {
  /** Commits so far; 0: nothing is known yet. */
  readonly ticks: number;
  readonly committedAtMs: number | undefined;
  readonly readings: ReadonlyMap<string, Reading<unknown>>;
  /** Critical before warning, then the oldest first. */
  readonly findings: readonly StandingFinding[];
  /** When a finding was last seen, standing or gone; undefined: never. */
  readonly lastFindingAtMs: number | undefined;
  /** Key numbers by `<probe id>:<number>`, the oldest first, at most `historyMax` points. */
  readonly history: ReadonlyMap<string, readonly HistoryPoint[]>;
}

export const historyMax = 120;

/** @returns undefined while the probe has not been read yet. */
export function readingOf<Id extends ProbeId>(snapshot: StoreSnapshot, id: Id): Reading<ProbeValue<Id>> | undefined {
  return snapshot.readings.get(id) as Reading<ProbeValue<Id>> | undefined;
}

export function historyOf(snapshot: StoreSnapshot, id: ProbeId, number: string): readonly HistoryPoint[] {
  return snapshot.history.get(`${id}:${number}`) ?? noHistory;
}

const noHistory: readonly HistoryPoint[] = [];

const emptySnapshot: StoreSnapshot = {
  ticks: 0,
  committedAtMs: undefined,
  readings: new Map(),
  findings: [],
  lastFindingAtMs: undefined,
  history: new Map(),
};

export function createProbeStore(): ProbeStore {
  let snapshot = emptySnapshot;
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    commit(tick) {
      snapshot = applyTick(snapshot, tick);
      for (const listener of listeners) listener();
    },
  };
}

/** Pure: the snapshot after a tick. */
export function applyTick(before: StoreSnapshot, tick: Tick): StoreSnapshot {
  const readings = new Map(before.readings);
  for (const { probeId, reading } of tick.samples) readings.set(probeId, reading);
  const findings = standingAfter(before.findings, tick);
  return {
    ticks: before.ticks + 1,
    committedAtMs: tick.atMs,
    readings,
    findings,
    lastFindingAtMs: tick.samples.some((sample) => sample.findings.length > 0) ? tick.atMs : before.lastFindingAtMs,
    history: historyAfter(before.history, tick),
  };
}

/** A probe that turned unknown keeps its findings: nobody knows that they are gone. */
function standingAfter(before: readonly StandingFinding[], tick: Tick): readonly StandingFinding[] {
  const judged = new Map(
    tick.samples.filter(({ reading }) => reading.status === 'ok').map((sample) => [sample.probeId, sample]),
  );
  const kept = before.filter(({ probeId }) => !judged.has(probeId));
  const seen = [...judged.values()].flatMap(({ probeId, findings }) =>
    findings.map((finding): StandingFinding => {
      const earlier = before.find((other) => other.probeId === probeId && other.finding.key === finding.key);
      return { probeId, finding, sinceMs: earlier?.sinceMs ?? tick.atMs, seenMs: tick.atMs };
    }),
  );
  if (kept.length === before.length && seen.length === 0) return before;
  return [...kept, ...seen].sort(worstFirst);
}

function worstFirst(left: StandingFinding, right: StandingFinding): number {
  if (left.finding.severity !== right.finding.severity) return left.finding.severity === 'critical' ? -1 : 1;
  return left.sinceMs - right.sinceMs;
}

/** A number that a probe once gave gets a null for each tick in which the probe was read and did not give it. */
function historyAfter(before: StoreSnapshot['history'], tick: Tick): StoreSnapshot['history'] {
  const history = new Map(before);
  for (const { probeId, numbers } of tick.samples) {
    const names = new Set(Object.keys(numbers));
    for (const key of before.keys()) if (key.startsWith(`${probeId}:`)) names.add(key.slice(probeId.length + 1));
    for (const name of names) {
      const key = `${probeId}:${name}`;
      const point = { atMs: tick.atMs, value: numbers[name] ?? null };
      history.set(key, [...(before.get(key) ?? []), point].slice(-historyMax));
    }
  }
  return history;
}
