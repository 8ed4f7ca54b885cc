import type { Config } from '../../infra/config.ts';
import { UserError } from '../../infra/errors.ts';
import { type Experiment, planOf } from './define.ts';
import type { ArmDetail } from './detail.ts';
import { judgeArm } from './judge.ts';
import { type RunResult, resultSchema } from './result.ts';
import { comparisonWithLastGreen, type RunReport } from './run.ts';
import { isRunning, listRuns } from './run-folder.ts';
import { judgeRun } from './verdict.ts';

/**
 * Judges the last recorded run again, from its folder alone: no engine is asked, nothing is changed. A run that was
 * killed is judged as far as it came.
 * @throws UserError when there is no run, or the last one is still going.
 */
export async function assertExperiment({
  experiment,
  config,
}: {
  readonly experiment: Experiment;
  readonly config: Pick<Config, 'stateDir'>;
}): Promise<RunReport> {
  const runs = await listRuns(config.stateDir);
  const last = runs.findLast(({ metadata }) => metadata.experiment === experiment.id);
  if (last === undefined) {
    throw new UserError(
      { ko: `${experiment.id}의 실행 기록이 없습니다`, en: `${experiment.id} has no recorded run` },
      { tryThis: [`labctl exp run ${experiment.id} --fast`] },
    );
  }
  const { metadata, folder, result: recorded } = last;
  if (await isRunning(last)) {
    const { pid } = metadata.process;
    throw new UserError(
      { ko: `${metadata.runId}이(가) 아직 실행 중입니다`, en: `${metadata.runId} is still running` },
      { tryThis: [{ ko: `프로세스 ${pid}이(가) 끝나기를 기다리세요`, en: `wait for process ${pid} to end` }] },
    );
  }
  const details: ArmDetail[] = [];
  for (const [index, arm] of experiment.arms.entries()) {
    details.push(await judgeArm(folder, arm, planOf(arm, { ...metadata, index })));
  }
  const { runId, seed, fast, engines } = metadata;
  const result: RunResult = {
    schema: resultSchema,
    experiment: experiment.id,
    runId,
    seed,
    fast,
    verdict: judgeRun(
      details.map((detail) => detail.result.verdict),
      { interrupted: recorded?.verdict === 'interrupted' },
    ),
    // A run without a result never came to its clean-up.
    cleanup: recorded?.cleanup ?? 'failed',
    durationMs: recorded?.durationMs ?? 0,
    arms: details.map((detail) => detail.result),
    engines,
  };
  const comparison = await comparisonWithLastGreen(config.stateDir, result);
  return { experiment, result, details, metadata, problems: [], comparison, folder: folder.path };
}
