import type { Clock } from '../../../infra/clock.ts';
import { DescribedError, messageOf, type Words } from '../../../infra/errors.ts';
import type { ProbeStore } from '../../../infra/probes/store.ts';
import type { StackEvent } from '../../../infra/stack/stack.ts';
import type { Text } from '../../../infra/text.ts';
import type { ConsoleStore } from './console-store.ts';
import { startUpDone, startUpFailed, startUpHeard, ticked } from './events.ts';
import type { Failure } from './start-up.ts';
import type { ShownFault } from './state.ts';

export interface FeedOptions {
  readonly probes: ProbeStore;
  /** Looked at each tick: must be cheap. */
  readonly faults: () => readonly ShownFault[];
  readonly startUp?: AsyncIterable<StackEvent>;
  readonly clock: Clock;
}

export interface Feeding {
  stop(): void;
}

const tickMs = 1_000;
/** A commit of the sampler less long ago than this has moved the clock already. */
const freshMs = 900;
/** Start-up events come in bursts; they are drawn together. */
const gatherMs = 150;

/** Brings readings, the clock and the start-up into the console's state: one change a tick, whatever came. */
export function feedInto(store: ConsoleStore, { probes, faults, startUp, clock }: FeedOptions): Feeding {
  let tickedAtMs = Number.NEGATIVE_INFINITY;
  const tick = (): void => {
    tickedAtMs = clock.monotonic();
    store.update((state) => ticked(state, { frame: probes.getSnapshot(), nowMs: clock.now(), faults: faults() }));
  };
  tick();
  const unsubscribe = probes.subscribe(tick);
  const stopClock = clock.every(tickMs, () => {
    if (clock.monotonic() - tickedAtMs >= freshMs) tick();
  });
  const stopListening = startUp === undefined ? () => {} : listen(store, startUp, clock);
  return {
    stop() {
      unsubscribe();
      stopClock();
      stopListening();
    },
  };
}

function listen(store: ConsoleStore, startUp: AsyncIterable<StackEvent>, clock: Clock): () => void {
  const iterator = startUp[Symbol.asyncIterator]();
  let gathered: StackEvent[] = [];
  let stopped = false;
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const events = gathered;
    gathered = [];
    if (events.length > 0) store.update((state) => startUpHeard(state, events, clock.now()));
  };
  const run = async (): Promise<void> => {
    try {
      for (;;) {
        const next = await iterator.next();
        if (stopped) return;
        if (next.done === true) break;
        gathered.push(next.value);
        cancel ??= clock.after(gatherMs, flush);
      }
      flush();
      store.update(startUpDone);
    } catch (error) {
      if (stopped) return;
      flush();
      store.update((state) => startUpFailed(state, failureOf(error)));
    }
  };
  void run();
  return () => {
    stopped = true;
    cancel?.();
    // Not awaited: a source that waits for its next event answers when it can.
    void iterator.return?.().catch(() => {});
  };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof DescribedError)) return { what: text(messageOf(error)), tryThis: [] };
  const { what, why, tryThis } = error.said;
  return { what: text(what), ...(why === undefined ? {} : { why: text(why) }), tryThis: tryThis.map(text) };
}

/** An engine's own words are the same in every language. */
const text = (words: Words): Text => (typeof words === 'string' ? { ko: words, en: words } : words);
