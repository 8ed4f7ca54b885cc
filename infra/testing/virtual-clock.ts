import type { Clock } from '../clock.ts';

/** Time that passes only by sleeping: minutes of waiting take no time, and every wait is exactly as long as it asks. */
export interface VirtualClock extends Clock {
  /** The wall clock is set, as by an operator or NTP; the monotonic one goes on. */
  setWall(toMs: number): void;
}

export function virtualClock(startMs: number): VirtualClock {
  let passedMs = 0;
  let wallAheadMs = startMs;
  return {
    now: () => wallAheadMs + passedMs,
    monotonic: () => passedMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      passedMs += ms;
    },
    every: () => () => {},
    after: () => () => {},
    setWall(toMs) {
      wallAheadMs = toMs - passedMs;
    },
  };
}
