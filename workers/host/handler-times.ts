import type { Clock } from '../../infra/clock.ts';
import type { Counters } from './counters.ts';

export interface HandlerTimes {
  /** A chunk was handled, with no heartbeat meanwhile. */
  handled(records: number, ms: number): void;
  /** Stops the timer. */
  stop(): void;
}

interface Sample {
  readonly atMs: number;
  readonly records: number;
  readonly ms: number;
}

const windowMs = 60_000;
const samplesMax = 1_024;
const gaugeEveryMs = 1_000;

/**
 * How long chunks take and how many records they hold, over the last minute, as gauges of the heartbeat: what session and
 * rebalance timeout are to be compared with. Nothing handled in that minute leaves the last values.
 */
export function openHandlerTimes(counters: Counters, clock: Clock): HandlerTimes {
  let samples: Sample[] = [];
  const gauge = (): void => {
    const fromMs = clock.monotonic() - windowMs;
    samples = samples.filter(({ atMs }) => atMs >= fromMs).slice(-samplesMax);
    if (samples.length === 0) return;
    const ms = samples.map((sample) => sample.ms).sort((a, b) => a - b);
    const records = samples.map((sample) => sample.records).sort((a, b) => a - b);
    counters.set('handlerMsP50', Math.round(quantile(ms, 0.5)));
    counters.set('handlerMsP99', Math.round(quantile(ms, 0.99)));
    counters.set('handlerMsMax', Math.round(quantile(ms, 1)));
    counters.set('batchRecordsP50', quantile(records, 0.5));
    counters.set('batchRecordsMax', quantile(records, 1));
  };
  const stop = clock.every(gaugeEveryMs, gauge);
  return {
    handled(records, ms) {
      samples.push({ atMs: clock.monotonic(), records, ms });
      if (samples.length > 2 * samplesMax) samples = samples.slice(-samplesMax);
    },
    stop,
  };
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
