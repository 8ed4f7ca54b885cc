import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../infra/clock.ts';
import type { Config } from '../../infra/config.ts';
import { scopeOf } from '../../infra/contract/scope.ts';
import { messageOf, RefusedError } from '../../infra/errors.ts';
import { identify } from '../../infra/process.ts';
import { seedAccounts } from '../../infra/scope/accounts.ts';
import { prepareScope } from '../../infra/scope/prepare.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import { type ArmEffects, realArmEffects, runArm } from './arm.ts';
import { type Comparison, compareRuns } from './compare.ts';
import { type Experiment, planOf } from './define.ts';
import type { ArmDetail } from './detail.ts';
import { engineVersions } from './engine-versions.ts';
import { eventLog, type RunEvent, type Say } from './events.ts';
import { judgeArm } from './judge.ts';
import { reachEngines, removeScopes } from './leftovers.ts';
import { gitFacts, machineFacts, type RunMetadata } from './metadata.ts';
import { renderReportHtml } from './report/html.ts';
import { renderReportMarkdown } from './report/markdown.ts';
import { type RunResult, resultSchema } from './result.ts';
import { createRunFolder, isRunning, listRuns, pruneRuns, type RunFolder, writeJson } from './run-folder.ts';
import { holdRunLock, type RunLock } from './run-lock.ts';
import { armScope, newRunName } from './scopes.ts';
import { randomSeed } from './seed.ts';
import { type CleanupVerdict, judgeRun } from './verdict.ts';

export interface RunOptions {
  readonly experiment: Experiment;
  readonly fast: boolean;
  /** 0 … 2³² − 1; random when absent, and always in the result. */
  readonly seed?: number;
  readonly config: Pick<Config, 'stateDir'>;
  readonly endpoints: Endpoints;
  readonly argv?: readonly string[];
  /** Versions that the stack knows and the engines do not tell, such as Kafka's. */
  readonly engines?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress?: (event: RunEvent) => void;
}

/** A run with everything a report shows. `result` alone is the JSON contract. */
export interface RunReport {
  readonly experiment: Experiment;
  readonly result: RunResult;
  readonly details: readonly ArmDetail[];
  readonly metadata: RunMetadata;
  readonly problems: readonly string[];
  readonly comparison: Comparison | undefined;
  /** Where everything recorded is. */
  readonly folder: string;
}

/** What a run does to the engines; tests of the order of things bring their own. */
export interface RunEffects {
  readonly arm: ArmEffects;
  /** @throws EngineError when an engine does not answer: then there is nothing to record, and no run. */
  reach(endpoints: Endpoints): Promise<void>;
  /** Tells every clone on this stack that the run is alive. */
  hold(endpoints: Endpoints, token: string): Promise<RunLock>;
  prepare(endpoints: Endpoints, scope: string, accounts: { first: number; count: number }): Promise<void>;
  removeScopes(endpoints: Endpoints, scopes: readonly string[]): Promise<readonly string[]>;
  versions(endpoints: Endpoints): Promise<Record<string, string>>;
}

const realRunEffects: RunEffects = {
  arm: realArmEffects,
  reach: reachEngines,
  hold: holdRunLock,
  async prepare(endpoints, scopeName, accounts) {
    const scope = scopeOf(scopeName);
    await prepareScope(endpoints, scope);
    await seedAccounts(endpoints, scope, accounts);
  },
  removeScopes: (endpoints, scopes) => removeScopes(endpoints, scopes),
  versions: engineVersions,
};

/**
 * Runs an experiment to its verdicts and writes its reports. From the moment its folder exists it never throws: what went
 * wrong is in the verdicts. An aborted signal ends the arm in hand, cleans up, and gives `interrupted`.
 * @throws RefusedError when another run that is still going excludes this one; EngineError when an engine is down.
 */
export async function runExperiment(options: RunOptions, effects: RunEffects = realRunEffects): Promise<RunReport> {
  const { experiment, config, onProgress } = options;
  await refuseConflicts(options);
  await effects.reach(options.endpoints);
  const startedAt = systemClock.monotonic();
  const metadata = await metadataOf(options, effects);
  const folder = await createRunFolder(config.stateDir, metadata);
  const problems: string[] = [];
  const say = eventLog(folder.events, (event) => {
    if (event.kind === 'problem') problems.push(event.message);
    onProgress?.(event);
  });
  say({ kind: 'run-started', metadata });

  const lock = await effects.hold(options.endpoints, metadata.token).catch((error) => {
    say({ kind: 'problem', message: messageOf(error) });
    return undefined;
  });
  const details = await runArms(options, effects, { metadata, folder, say });
  const cleanup = await cleanUp(options, effects, { metadata, say });
  await lock?.release();
  const verdict = judgeRun(
    details.map(({ result }) => result.verdict),
    { interrupted: options.signal.aborted },
  );
  const durationMs = Math.round(systemClock.monotonic() - startedAt);
  say({ kind: 'run-finished', verdict, durationMs });
  const { runId, seed, fast, engines } = metadata;
  const result: RunResult = {
    schema: resultSchema,
    experiment: experiment.id,
    runId,
    seed,
    fast,
    verdict,
    cleanup,
    durationMs,
    arms: details.map((detail) => detail.result),
    engines,
  };
  const comparison = await comparisonWithLastGreen(config.stateDir, result);
  const report = { experiment, result, details, metadata, problems, comparison, folder: folder.path };
  await writeReports(folder, report);
  await pruneRuns(config.stateDir);
  return report;
}

async function refuseConflicts({ experiment, config }: RunOptions): Promise<void> {
  for (const run of await listRuns(config.stateDir)) {
    const alone = experiment.needs !== 'shared' || run.metadata.needs !== 'shared';
    if (!alone || !(await isRunning(run))) continue;
    const { runId, needs, process: other } = run.metadata;
    throw new RefusedError(
      {
        ko: `${experiment.id}은(는) ${runId}과(와) 함께 실행할 수 없습니다`,
        en: `${experiment.id} cannot run beside ${runId}`,
      },
      {
        why: {
          ko: `${experiment.id}은(는) 스택을 ${experiment.needs}(으)로, 다른 쪽은 ${needs}(으)로 써야 합니다`,
          en: `${experiment.id} needs the stack ${experiment.needs}, the other ${needs}`,
        },
        tryThis: [
          {
            ko: `프로세스 ${other.pid}이(가) 끝나기를 기다리거나 멈추세요`,
            en: `wait for process ${other.pid} to end, or stop it`,
          },
        ],
      },
    );
  }
}

async function metadataOf(options: RunOptions, effects: RunEffects): Promise<RunMetadata> {
  const { experiment, fast, seed = randomSeed(), endpoints, argv = [], engines = {} } = options;
  const startedAtMs = systemClock.now();
  const name = newRunName(experiment.id, startedAtMs);
  const [git, self, asked] = await Promise.all([gitFacts(), identify(process.pid), effects.versions(endpoints)]);
  return {
    experiment: experiment.id,
    ...name,
    seed,
    fast,
    needs: experiment.needs,
    startedAtMs,
    process: self ?? { pid: process.pid, startedAt: 'unknown' },
    scopes: experiment.arms.map((arm, index) => ({
      arm: arm.name,
      scope: armScope(experiment.id, name.token, index),
    })),
    argv: [...argv],
    ...(git === undefined ? {} : { git }),
    engines: { ...engines, ...asked },
    machine: machineFacts(),
  };
}

interface Recording {
  readonly metadata: RunMetadata;
  readonly say: Say;
}

/** Every arm gets a verdict, also those that an interruption or an engine kept from running. */
async function runArms(
  { experiment, endpoints, signal }: RunOptions,
  effects: RunEffects,
  { metadata, folder, say }: Recording & { readonly folder: RunFolder },
): Promise<readonly ArmDetail[]> {
  const { fast, seed, token } = metadata;
  const arms = experiment.arms.map((arm, index) => ({
    arm,
    plan: planOf(arm, { fast, seed, token, index }),
    scope: armScope(experiment.id, token, index),
  }));
  say({ kind: 'phase', phase: 'prepare' });
  const prepared = await Promise.allSettled(
    arms.map(({ scope, plan }) => effects.prepare(endpoints, scope, plan.accounts)),
  );
  const details: ArmDetail[] = [];
  for (const [index, { arm, plan, scope }] of arms.entries()) {
    const preparation = prepared[index];
    if (preparation?.status === 'rejected') {
      say({ kind: 'problem', arm: arm.name, message: messageOf(preparation.reason) });
    } else if (!signal.aborted) {
      const { outcome } = await runArm({ arm, plan, scope, endpoints, folder, say, signal }, effects.arm);
      if (outcome === 'recorded') say({ kind: 'phase', arm: arm.name, phase: 'judge' });
    }
    const detail = await judgeArm(folder, arm, plan);
    sayJudged(detail, say);
    details.push(detail);
  }
  return details;
}

function sayJudged({ result, checks, witnesses, durationMs }: ArmDetail, say: Say): void {
  const arm = result.name;
  for (const { name, verdict, counts } of checks) say({ kind: 'check', arm, checker: name, verdict, counts });
  for (const { name, seen, needs, met } of witnesses) say({ kind: 'witness', arm, witness: name, seen, needs, met });
  say({ kind: 'arm-finished', arm, verdict: result.verdict, durationMs });
}

/** Never cut short by the signal: what a run made must go, whatever ended it. */
async function cleanUp(
  { endpoints }: RunOptions,
  effects: RunEffects,
  { metadata, say }: Recording,
): Promise<CleanupVerdict> {
  say({ kind: 'phase', phase: 'cleanup' });
  const problems = await effects.removeScopes(
    endpoints,
    metadata.scopes.map(({ scope }) => scope),
  );
  const cleanup = problems.length === 0 ? 'clean' : 'failed';
  for (const message of problems) say({ kind: 'problem', message });
  say({ kind: 'cleaned', cleanup, problems: [...problems] });
  return cleanup;
}

/** The last run before this one that passed, of the same experiment and size. */
export async function comparisonWithLastGreen(stateDir: string, now: RunResult): Promise<Comparison | undefined> {
  const runs = await listRuns(stateDir);
  const own = runs.findIndex(({ metadata }) => metadata.runId === now.runId);
  const before = (own < 0 ? runs : runs.slice(0, own)).findLast(
    ({ result }) => result?.verdict === 'pass' && result.experiment === now.experiment && result.fast === now.fast,
  );
  return before?.result && compareRuns(before.result, now);
}

async function writeReports(folder: RunFolder, report: RunReport): Promise<void> {
  await writeJson(join(folder.path, 'details.json'), report.details);
  await writeFile(join(folder.path, 'report.md'), renderReportMarkdown(report));
  await writeFile(join(folder.path, 'report.html'), await renderReportHtml(report, folder.events));
  // Last: a run with a result is a run that is over.
  await writeJson(join(folder.path, 'result.json'), report.result);
}
