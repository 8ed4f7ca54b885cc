import type { Target } from '../infra/target.ts';
import type { Context } from './context.ts';
import type { Ask } from './tui/asking.ts';
import type { Trace } from './tui/tracing.ts';

/** What the console asks beyond its probes. */
export interface LiveQuestions {
  readonly ask: Ask;
  readonly trace: Trace;
  stop(): Promise<void>;
}

/** On clients of its own, made at the first question: a long one must not hold up a tick. */
export function liveQuestions(context: Context): LiveQuestions {
  let opening: Promise<Target> | undefined;
  const target = (): Promise<Target> => {
    opening ??= context.openTarget();
    // What could not be opened is tried again by the next question.
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  };
  return {
    async ask(id, { subject, signal, onProgress }) {
      const [{ diagnoses }, { diagnose }, opened] = await Promise.all([
        import('../infra/diagnoses/index.ts'),
        import('../infra/diagnoses/run.ts'),
        target(),
      ]);
      const diagnosis = diagnoses.find((one) => one.id === id);
      if (diagnosis === undefined) throw new Error(`no diagnosis is called ${id}`);
      return diagnose({ diagnosis, target: opened, subject, signal, onProgress, clock: context.clock });
    },
    async trace(what, language) {
      const [{ traceEvent }, { traceText }, opened] = await Promise.all([
        import('../infra/trace/trace.ts'),
        import('./trace-text.ts'),
        target(),
      ]);
      return traceText(await traceEvent(opened, what, { signal: context.signal }), language).split('\n');
    },
    async stop() {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}
