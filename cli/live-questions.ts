import { EngineError } from '../infra/errors.ts';
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
    trace: (what, language) => tracedByCommand(context, what, language),
    async stop() {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

const traceTimeoutMs = 30_000;

/** What `labctl trace` prints, as a process of its own. @throws EngineError with the command's own words. */
async function tracedByCommand(
  { self, env, signal }: Context,
  what: string,
  language: string,
): Promise<readonly string[]> {
  const { run } = await import('../infra/process.ts');
  // `--`: an id may begin with a dash.
  const words = ['trace', '--lang', language, '--', what];
  const { stdout, stderr, problem } = await run(self.command, [...self.args, ...words], {
    env,
    signal,
    timeoutMs: traceTimeoutMs,
  });
  if (stdout.trim() !== '') return stdout.trimEnd().split('\n');
  throw new EngineError('machine', stderr.trim() || (problem ?? 'labctl trace said nothing'));
}
