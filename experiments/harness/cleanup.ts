import type { Config } from '../../infra/config.ts';
import { messageOf } from '../../infra/errors.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import type { Language } from '../../infra/text.ts';
import type { Experiment } from './define.ts';
import { isEmpty, type Leftovers, leftoversOf, removeScopes, scopesMatching } from './leftovers.ts';
import { isRunning, listRuns, type RecordedRun } from './run-folder.ts';
import { lockedTokens } from './run-lock.ts';
import { scopePatternOf, scopePrefixOf, tokenOf } from './scopes.ts';
import type { CleanupVerdict } from './verdict.ts';

export interface CleanupReport {
  readonly schema: 'labctl.exp.cleanup/1';
  readonly experiment: string;
  readonly cleanup: CleanupVerdict;
  /** What was found and is gone now. */
  readonly removed: readonly Leftovers[];
  /** Scopes of runs that are still going; run and process are null for one that another clone started. */
  readonly skipped: readonly { readonly scope: string; readonly runId: string | null; readonly pid: number | null }[];
  readonly problems: readonly string[];
}

/**
 * Removes what killed runs of this experiment left on the engines: found by the scopes' names there, and in the folders
 * of runs. Scopes of a run that is still alive, here or in another clone, are left alone, and so is everything that is not
 * this experiment's.
 */
export async function cleanupExperiment({
  experiment,
  config,
  endpoints,
}: {
  readonly experiment: Experiment;
  readonly config: Pick<Config, 'stateDir'>;
  readonly endpoints: Endpoints;
  readonly signal?: AbortSignal;
}): Promise<CleanupReport> {
  const report = { schema: 'labctl.exp.cleanup/1', experiment: experiment.id } as const;
  try {
    const { skipped, doomed } = await findScopes(experiment, config.stateDir, endpoints);
    const left = (await leftoversOf(endpoints, doomed)).filter((scope) => !isEmpty(scope));
    const scopes = left.map(({ scope }) => scope);
    const problems = await removeScopes(endpoints, scopes);
    const remaining =
      problems.length === 0 ? [] : (await leftoversOf(endpoints, scopes)).filter((one) => !isEmpty(one));
    const removed = left.filter(({ scope }) => !remaining.some((one) => one.scope === scope));
    return { ...report, cleanup: problems.length === 0 ? 'clean' : 'failed', removed, skipped, problems };
  } catch (error) {
    return { ...report, cleanup: 'failed', removed: [], skipped: [], problems: [messageOf(error)] };
  }
}

async function findScopes(
  { id }: Experiment,
  stateDir: string,
  endpoints: Endpoints,
): Promise<{ skipped: CleanupReport['skipped']; doomed: readonly string[] }> {
  const runs = (await listRuns(stateDir)).filter(({ metadata }) => metadata.experiment === id);
  const alive: RecordedRun[] = [];
  for (const run of runs) if (await isRunning(run)) alive.push(run);
  const onEngines = await scopesMatching(endpoints, scopePrefixOf(id), scopePatternOf(id));
  const recorded = runs.flatMap(({ metadata }) => metadata.scopes.map(({ scope }) => scope));
  const scopes = [...new Set([...onEngines, ...recorded])].filter((scope) => scopePatternOf(id).test(scope)).sort();
  const locked = await lockedTokens(endpoints, [...new Set(scopes.flatMap((scope) => tokenOf(scope) ?? []))]);
  const runOf = (scope: string) => alive.find(({ metadata }) => metadata.token === tokenOf(scope));
  const lives = (scope: string): boolean => runOf(scope) !== undefined || locked.has(tokenOf(scope) ?? '');
  return {
    skipped: scopes.filter(lives).map((scope) => {
      const metadata = runOf(scope)?.metadata;
      return { scope, runId: metadata?.runId ?? null, pid: metadata?.process.pid ?? null };
    }),
    doomed: scopes.filter((scope) => !lives(scope)),
  };
}

export function renderCleanupText(report: CleanupReport, language: Language): string {
  const { experiment, cleanup, removed, skipped, problems } = report;
  const korean = language === 'ko';
  const heading = korean
    ? `${experiment} 정리: ${cleanup === 'clean' ? '완료' : '실패'}`
    : `${experiment} clean-up: ${cleanup}`;
  const lines = removed.map(({ scope, database, topics, groups, cacheKeys }) => {
    const things = korean
      ? `데이터베이스 ${database ? 1 : 0}, 토픽 ${topics.length}, 그룹 ${groups.length}, 캐시 키 ${cacheKeys}`
      : `${database ? 1 : 0} database, ${topics.length} topics, ${groups.length} groups, ${cacheKeys} cache keys`;
    return korean ? `  삭제함 ${scope}: ${things}` : `  removed ${scope}: ${things}`;
  });
  if (removed.length === 0) lines.push(korean ? '  지울 것이 없습니다' : '  there was nothing to remove');
  for (const { scope, runId, pid } of skipped) {
    const owner =
      runId === null ? { ko: '다른 클론의 실행', en: 'a run of another clone' }[language] : `${runId} (pid ${pid})`;
    lines.push(korean ? `  건너뜀 ${scope}: ${owner}이(가) 실행 중` : `  left alone ${scope}: ${owner} is alive`);
  }
  for (const problem of problems) lines.push(korean ? `  문제: ${problem}` : `  problem: ${problem}`);
  return [heading, ...lines].join('\n');
}
