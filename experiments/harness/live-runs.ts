import { RefusedError } from '../../infra/errors.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import { isRunning, listRuns } from './run-folder.ts';
import { heldTokens } from './run-lock.ts';

/** A run that uses the engines now. */
export interface LiveRun {
  /** Absent, as is the pid, for a run that another clone started: only its lock is seen. */
  readonly runId?: string;
  readonly pid?: number;
}

/**
 * @param mysqlRuns false where nobody can hold a lock there; runs of this clone are found all the same. One that is asked
 * and gives no answer counts as having none.
 */
export async function liveRuns({
  stateDir,
  endpoints,
  mysqlRuns,
}: {
  readonly stateDir: string;
  readonly endpoints: Endpoints;
  readonly mysqlRuns: boolean;
}): Promise<readonly LiveRun[]> {
  const alive = [];
  for (const run of await listRuns(stateDir)) if (await isRunning(run)) alive.push(run.metadata);
  const held = mysqlRuns ? await heldTokens(endpoints).catch(() => []) : [];
  const known = new Set(alive.map(({ token }) => token));
  return [
    ...alive.map(({ runId, process }) => ({ runId, pid: process.pid })),
    ...held.filter((token) => !known.has(token)).map(() => ({})),
  ];
}

/** @throws RefusedError naming the runs, when there is one. */
export function refuseUnderRuns(runs: readonly LiveRun[]): void {
  const [first] = runs;
  if (first === undefined) return;
  const names = (other: string): string =>
    runs.map(({ runId, pid }) => (runId === undefined ? other : `${runId} (pid ${pid})`)).join(', ');
  const wait =
    first.pid === undefined
      ? { ko: '다른 클론의 실행이 끝나기를 기다리세요', en: 'wait for the run of the other clone to end' }
      : {
          ko: `끝나기를 기다리거나 멈추세요: kill -INT ${first.pid}`,
          en: `wait for it to end, or stop it: kill -INT ${first.pid}`,
        };
  throw new RefusedError(
    { ko: '실험이 이 랩에서 실행 중입니다', en: 'an experiment is running on this lab' },
    {
      why: { ko: names('다른 클론의 실행'), en: names('a run of another clone') },
      tryThis: [wait, { ko: 'labctl down --force (실험을 망칩니다)', en: 'labctl down --force, which ruins the run' }],
    },
  );
}
