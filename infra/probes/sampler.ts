import { type Clock, systemClock, within } from '../clock.ts';
import { messageOf, TimeoutError } from '../errors.ts';
import type { Turn } from '../kafka/pace.ts';
import type { Target } from '../target.ts';
import { bounded, shortened } from '../text.ts';
import type { Probe, Subject } from './probe.ts';
import { type Reading, UnknownValue } from './reading.ts';
import type { Sample, TickSink } from './store.ts';

export interface SamplerOptions {
  readonly target: Target;
  readonly probes: readonly Probe<unknown>[];
  readonly sink: TickSink;
  /** Default 1,000. */
  readonly tickMs?: number;
  readonly clock?: Clock;
}

export interface Sampler {
  /** Stops polling and waits for the reads in flight, each bounded by its probe's timeout. The target stays open. */
  stop(): Promise<void>;
}

/** Probes with cost `slow` are read once in this many ticks. */
const slowEveryTicks = 5;

/** A tick waits so long for its reads before it commits; what comes later is in the next tick's commit. */
const commitAfterMs = 300;

/**
 * Polls the probes and commits what came, once a tick. A probe that is slower than a tick is not asked again before it
 * answered; it delays no other. Of Kafka, slow ones ask for what the tick leaves room for. A failure becomes an unknown reading; the sampler itself ends only by `stop`.
 */
export function startSampler({ target, probes, sink, tickMs = 1_000, clock = systemClock }: SamplerOptions): Sampler {
  const pollers = probes.filter(({ cost }) => cost !== 'onDemand').map((probe) => createPoller(probe, target, clock));
  let tick = 0;
  let stopped = false;
  const settled = (): Promise<unknown> => Promise.all(pollers.map((poller) => poller.settled()));
  const { pace } = target.kafka;
  const onTick = async (): Promise<void> => {
    if (!stopped) pace.begin();
    for (const poller of pollers) if (poller.cost === 'tick' || tick % slowEveryTicks === 0) poller.start();
    tick += 1;
    await soonest(settled(), Math.min(commitAfterMs, tickMs), clock);
    const samples = pollers.flatMap((poller) => poller.take() ?? []);
    if (samples.length > 0 && !stopped) sink.commit({ atMs: clock.now(), samples });
  };
  void onTick();
  const stopTicks = clock.every(tickMs, onTick);
  return {
    async stop() {
      stopped = true;
      stopTicks();
      pace.end();
      await settled();
    },
  };
}

async function soonest(work: Promise<unknown>, timeoutMs: number, clock: Clock): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(timeoutMs, resolve);
  });
  await Promise.race([work, late]);
  cancel();
}

/**
 * Reads every probe `rounds` times, `pauseMs` apart, and commits each round: what a snapshot without a running sampler
 * needs. Two rounds by default, because rates need two readings.
 */
export async function sampleRounds({
  target,
  probes,
  sink,
  rounds = 2,
  pauseMs = 1_000,
  clock = systemClock,
}: SamplerOptions & { readonly rounds?: number; readonly pauseMs?: number }): Promise<void> {
  const pollers = probes.filter(({ cost }) => cost !== 'onDemand').map((probe) => createPoller(probe, target, clock));
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await clock.sleep(pauseMs);
    for (const poller of pollers) poller.start();
    await Promise.all(pollers.map((poller) => poller.settled()));
    sink.commit({ atMs: clock.now(), samples: pollers.flatMap((poller) => poller.take() ?? []) });
  }
}

interface Poller {
  readonly cost: Probe<unknown>['cost'];
  /** Begins a read unless one is in flight. */
  start(): void;
  /** What was read since the last call. */
  take(): Sample | undefined;
  settled(): Promise<void>;
}

function createPoller(probe: Probe<unknown>, target: Target, clock: Clock): Poller {
  let inFlight: Promise<void> | undefined;
  let last: Reading<unknown> | undefined;
  let ready: Sample | undefined;
  const read = async (): Promise<void> => {
    const once = (turn?: Turn): Promise<Reading<unknown>> => readOnce({ probe, target, clock, before: last, turn });
    last = await (probe.cost === 'slow' ? target.kafka.pace.patiently(once) : once());
    ready = sampleOf(probe, last);
    inFlight = undefined;
  };
  return {
    cost: probe.cost,
    start() {
      inFlight ??= read();
    },
    take() {
      const taken = ready;
      ready = undefined;
      return taken;
    },
    settled: () => inFlight ?? Promise.resolve(),
  };
}

/** A rate, or a position that stands still, shows only between two readings. */
const betweenMs = 1_000;

/**
 * A probe as somebody wants it who asks once: read twice, unless one reading tells all of it, or tells that it cannot be
 * read. @throws InterruptedError when `signal` aborts between the two, and nothing else.
 */
export async function readWhole<T>({
  probe,
  target,
  subject,
  signal,
  clock = systemClock,
}: {
  readonly probe: Probe<T>;
  readonly target: Target;
  readonly subject?: Subject | undefined;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}): Promise<Reading<T>> {
  const before = await readOnce({ probe, target, subject, before: undefined, clock });
  if (before.status === 'unknown' || probe.readsOnce) return before;
  await clock.sleep(betweenMs, signal);
  return readOnce({ probe, target, subject, before, clock });
}

/** One read of one probe, never throwing: whatever goes wrong is the reason of an unknown reading. */
export async function readOnce<T>({
  probe,
  target,
  before,
  subject,
  turn,
  clock = systemClock,
}: {
  readonly probe: Probe<T>;
  readonly target: Target;
  readonly subject?: Subject | undefined;
  readonly before: Reading<T> | undefined;
  /** Of a read that waits for its requests' room: that is no part of its time. */
  readonly turn?: Turn | undefined;
  readonly clock?: Clock;
}): Promise<Reading<T>> {
  const abort = new AbortController();
  const previous = before === undefined ? undefined : before.status === 'ok' ? before : before.last;
  try {
    const value = await inItsTime(
      probe,
      probe.read(target, {
        signal: abort.signal,
        previous,
        nowMs: clock.now(),
        ...(subject === undefined ? {} : { subject }),
      }),
      { turn, clock },
    );
    return { status: 'ok', value: bounded(value), takenAtMs: clock.now() };
  } catch (error) {
    return {
      status: 'unknown',
      reason: reasonOf(error, probe),
      sinceMs: before?.status === 'unknown' ? before.sinceMs : clock.now(),
      ...(previous === undefined ? {} : { last: { value: previous.value, takenAtMs: previous.takenAtMs } }),
    };
  } finally {
    abort.abort();
    turn?.abandon();
  }
}

/** Who has not got room for so long never will: then it says so. */
const waitedMsMax = 60_000;

/** @throws TimeoutError when the read itself, less its waiting for room, takes longer than the probe allows. */
async function inItsTime<T>(
  { id, timeoutMs }: Probe<T>,
  work: Promise<T>,
  { turn, clock }: { readonly turn: Turn | undefined; readonly clock: Clock },
): Promise<T> {
  const startMs = clock.monotonic();
  for (let leftMs = timeoutMs; ; ) {
    try {
      return await within(id, leftMs, work, clock);
    } catch (error) {
      const waitedMs = turn?.waitedMs() ?? 0;
      leftMs = startMs + timeoutMs + Math.min(waitedMs, waitedMsMax) - clock.monotonic();
      const isLate = error instanceof TimeoutError && error.message.startsWith(id);
      if (!isLate || leftMs <= 0) throw error;
    }
  }
}

function reasonOf(error: unknown, probe: Probe<unknown>): string {
  if (error instanceof TimeoutError && error.message.startsWith(probe.id)) {
    return `no answer within ${probe.timeoutMs} ms`;
  }
  return shortened(error instanceof UnknownValue ? error.message : messageOf(error));
}

/** A judge that fails is our bug; the reading must say so instead of ending the loop. */
function sampleOf(probe: Probe<unknown>, reading: Reading<unknown>): Sample {
  if (reading.status === 'unknown') return { probeId: probe.id, reading, findings: [], numbers: {} };
  try {
    return {
      probeId: probe.id,
      reading,
      findings: probe.judge(reading.value),
      numbers: probe.numbers?.(reading.value) ?? {},
    };
  } catch (error) {
    const reason = `its value could not be judged: ${messageOf(error)}`;
    return {
      probeId: probe.id,
      reading: { status: 'unknown', reason, sinceMs: reading.takenAtMs },
      findings: [],
      numbers: {},
    };
  }
}
