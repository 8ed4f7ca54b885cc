import type { Clock } from '../../clock.ts';

/** Bytes on their way from one socket to the other, in order, each chunk no sooner than its time. */
export interface DelayLine {
  push(chunk: Buffer): void;
  /** After what is on its way. */
  end(): void;
  /** Nothing leaves until `release`. */
  hold(): void;
  release(): void;
  close(): void;
}

export interface DelayLineOptions {
  readonly clock: Clock;
  /** For a chunk that arrives now. */
  delayMs(): number;
  /** @returns false when the receiver wants a pause; `release` is called when it has drained. */
  deliver(chunk: Buffer): boolean;
  deliverEnd(): void;
  /** More is on the way than may be kept: stop the sender until false. */
  onFull(full: boolean): void;
}

const bytesMax = 1024 * 1024;

interface Waiting {
  /** undefined: the end. */
  readonly chunk: Buffer | undefined;
  readonly dueAtMs: number;
}

export function delayLine({ clock, delayMs, deliver, deliverEnd, onFull }: DelayLineOptions): DelayLine {
  const queue: Waiting[] = [];
  let bytes = 0;
  let lastDueMs = 0;
  let full = false;
  let held = false;
  let cancel: (() => void) | undefined;

  const add = (chunk: Buffer | undefined): void => {
    // Never before what came before it: jitter must not change the order.
    lastDueMs = Math.max(lastDueMs, clock.monotonic() + delayMs());
    queue.push({ chunk, dueAtMs: lastDueMs });
    bytes += chunk?.length ?? 0;
    tellFull();
    pump();
  };
  const tellFull = (): void => {
    if (full === bytes > bytesMax) return;
    full = !full;
    onFull(full);
  };
  const leave = ({ chunk }: Waiting): void => {
    queue.shift();
    bytes -= chunk?.length ?? 0;
    if (chunk === undefined) deliverEnd();
    else if (!deliver(chunk)) held = true;
  };
  const pump = (): void => {
    if (cancel !== undefined) return;
    for (let first = queue[0]; first !== undefined && !held; first = queue[0]) {
      const waitMs = first.dueAtMs - clock.monotonic();
      if (waitMs > 0) {
        cancel = clock.after(waitMs, () => {
          cancel = undefined;
          pump();
        });
        return;
      }
      leave(first);
    }
    tellFull();
  };
  return {
    push: add,
    end: () => add(undefined),
    hold() {
      held = true;
      cancel?.();
      cancel = undefined;
    },
    release() {
      held = false;
      pump();
    },
    close() {
      cancel?.();
      queue.length = 0;
      held = true;
    },
  };
}
