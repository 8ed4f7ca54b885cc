import type { Clock } from '../../infra/clock.ts';
import type { AskProgress } from '../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../infra/diagnoses/run.ts';
import { messageOf } from '../../infra/errors.ts';
import type { Subject } from '../../infra/probes/probe.ts';
import type { ConsoleStore } from './store/console-store.ts';
import { answered, asking, calledOff, notAnswered, progressed } from './store/diagnoses.ts';

/** Asks one diagnosis of the live target. @throws when it is called off, or when the target cannot be opened. */
export type Ask = (
  diagnosisId: string,
  given: {
    readonly subject: Subject;
    readonly signal: AbortSignal;
    readonly onProgress: (progress: AskProgress) => void;
  },
) => Promise<Diagnosed>;

/** Questions in the background: the screen stays live, keys work, and only so many are asked at once. */
export interface AskingQuestions {
  /** What is being asked, or waits for its turn, already is not asked twice. */
  ask(ids: readonly string[]): void;
  /** @returns false when it was not being asked. */
  callOff(id: string): boolean;
  /** Calls off everything: the console closes. */
  stop(): void;
}

/** A diagnosis may go through millions of rows: more at once would be felt by the engines. */
const atOnceMax = 2;
/** Progress may come a thousand times a second; the eye needs a few. */
const progressEveryMs = 250;

export interface AskingOptions {
  readonly store: ConsoleStore;
  readonly ask: Ask;
  readonly clock: Clock;
}

export function askingQuestions({ store, ask, clock }: AskingOptions): AskingQuestions {
  const running = new Map<string, AbortController>();
  let waiting: readonly string[] = [];
  let stopped = false;
  const next = (): void => {
    while (!stopped && running.size < atOnceMax) {
      const [id, ...rest] = waiting;
      if (id === undefined) return;
      waiting = rest;
      void run(id);
    }
  };
  const run = async (id: string): Promise<void> => {
    const abort = new AbortController();
    const { signal } = abort;
    running.set(id, abort);
    store.update((state) => asking(state, id, { phase: 'running', sinceMs: clock.now() }));
    let shownAtMs = Number.NEGATIVE_INFINITY;
    const onProgress = (progress: AskProgress): void => {
      if (signal.aborted || clock.monotonic() - shownAtMs < progressEveryMs) return;
      shownAtMs = clock.monotonic();
      store.update((state) => progressed(state, id, progress));
    };
    try {
      const answer = await ask(id, { subject: {}, signal, onProgress });
      if (!signal.aborted) store.update((state) => answered(state, id, answer));
    } catch (error) {
      const failure = { reason: messageOf(error), atMs: clock.now() };
      if (!signal.aborted) store.update((state) => notAnswered(state, id, failure));
    } finally {
      if (running.get(id) === abort) {
        running.delete(id);
        next();
      }
    }
  };
  return {
    ask(ids) {
      for (const id of ids) {
        if (running.has(id) || waiting.includes(id)) continue;
        waiting = [...waiting, id];
        store.update((state) => asking(state, id, { phase: 'waiting', sinceMs: clock.now() }));
      }
      next();
    },
    callOff(id) {
      const wasWaiting = waiting.includes(id);
      const abort = running.get(id);
      if (!wasWaiting && abort === undefined) return false;
      waiting = waiting.filter((other) => other !== id);
      // Nobody waits for it to end: what it still asks of an engine has a timeout of its own.
      abort?.abort();
      running.delete(id);
      store.update((state) => calledOff(state, id));
      next();
      return true;
    },
    stop() {
      stopped = true;
      waiting = [];
      for (const abort of running.values()) abort.abort();
    },
  };
}
