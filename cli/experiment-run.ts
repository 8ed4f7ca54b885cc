import type { RunReport } from '../experiments/harness/run.ts';
import { EngineError } from '../infra/errors.ts';
import type { NodeStatus } from '../infra/stack/stack.ts';
import type { Context } from './context.ts';
import { type ExitCode, exitCodes } from './output/exit-codes.ts';

export interface ExperimentRunOptions {
  readonly id: string;
  readonly fast: boolean;
  readonly seed?: number | undefined;
}

/**
 * Runs an experiment and tells its progress on stderr.
 * @throws UserError for an unknown id; EngineError when the lab is down; RefusedError when another run excludes it.
 */
export async function runExperimentByName(
  { id, fast, seed }: ExperimentRunOptions,
  context: Context,
): Promise<RunReport> {
  const { findExperiment } = await import('../experiments/index.ts');
  const experiment = findExperiment(id);
  const [{ runExperiment }, { progressText }, config, endpoints, stack] = await Promise.all([
    import('../experiments/harness/run.ts'),
    import('../experiments/harness/report/text.ts'),
    context.config(),
    context.endpoints(),
    context.stack(),
  ]);
  const startedMs = context.clock.monotonic();
  return runExperiment({
    experiment,
    fast,
    ...(seed === undefined ? {} : { seed }),
    config,
    endpoints,
    argv: process.argv.slice(2),
    engines: kafkaVersion(await runningNodes(stack.status())),
    signal: context.signal,
    onProgress(event) {
      const text = progressText(event);
      if (text === undefined) return;
      const seconds = ((context.clock.monotonic() - startedMs) / 1000).toFixed(1).padStart(7);
      context.say(`${seconds} s  ${text[context.language]}`);
    },
  });
}

/** An experiment's verdict and its clean-up as one exit code; a bad verdict counts more than a bad clean-up. */
export function exitCodeOfRun({ result: { verdict, cleanup } }: RunReport): ExitCode {
  const ofVerdict = {
    pass: cleanup === 'failed' ? exitCodes.cleanupFailed : exitCodes.ok,
    fail: exitCodes.finding,
    unknown: exitCodes.unknown,
    interrupted: exitCodes.interrupted,
  } as const;
  return ofVerdict[verdict];
}

async function runningNodes(status: Promise<readonly NodeStatus[]>): Promise<readonly NodeStatus[]> {
  const nodes = await status;
  if (nodes.some(({ state }) => state === 'running')) return nodes;
  throw new EngineError(
    'machine',
    { ko: '랩이 꺼져 있어 실험할 수 없습니다', en: 'the lab is down, so nothing can be tried on it' },
    { tryThis: ['labctl up'] },
  );
}

/** The one that Kafka's protocol does not tell. */
function kafkaVersion(nodes: readonly NodeStatus[]): Readonly<Record<string, string>> {
  const version = nodes.find(({ node }) => node === 'kafka-1')?.version;
  return version === undefined ? {} : { kafka: version };
}
