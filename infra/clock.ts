import { setTimeout as delay } from 'node:timers/promises';
import { InterruptedError, TimeoutError } from './errors.ts';

/** The only home of time: `Date.now`, timers and sleeps are called nowhere else, so that tests can pass their own. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Never goes backwards; milliseconds from an arbitrary start. For durations and rates. */
  monotonic(): number;
  /** Throws InterruptedError when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `action` every `ms`; a run that is still going is never overlapped. Returns the stop function. */
  every(ms: number, action: () => void | Promise<void>): () => void;
  /** Runs `action` once after `ms`. Returns the cancel function. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) throw new InterruptedError();
      throw error;
    }
  },
  every(ms, action) {
    let running = false;
    const timer = setInterval(async () => {
      if (running) return;
      running = true;
      try {
        await action();
      } finally {
        running = false;
      }
    }, ms);
    return () => clearInterval(timer);
  },
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Polls `check` until it returns something other than undefined or false.
 * @param what names the condition in the error, as in "waiting for 3 brokers".
 * @throws TimeoutError after `timeoutMs`; InterruptedError when the signal aborts; whatever `check` throws.
 */
export async function waitFor<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs, intervalMs = 50, signal, clock = systemClock }: WaitOptions,
): Promise<T> {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    if (signal?.aborted) throw new InterruptedError();
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (clock.monotonic() >= deadline) throw new TimeoutError(`gave up waiting for ${what} after ${timeoutMs} ms`);
    await clock.sleep(intervalMs, signal);
  }
}

/** Bounds one await. The work itself is not stopped: pass it a signal if it can be. @throws TimeoutError */
export async function within<T>(what: string, timeoutMs: number, work: Promise<T>, clock = systemClock): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(timeoutMs, () => reject(new TimeoutError(`${what} took longer than ${timeoutMs} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
    work.catch(() => {}); // its late failure has no one left to hear it
  }
}
