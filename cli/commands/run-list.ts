import { command } from '../command.ts';
import { plainTable } from '../output/table.ts';
import { durationText } from '../output/units.ts';

interface ListedRun {
  readonly runId: string;
  readonly experiment: string;
  readonly startedAtMs: number;
  readonly seed: number;
  readonly fast: boolean;
  /** running: it has no result and its process lives. lost: no result, and no process. */
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'interrupted' | 'running' | 'lost';
  readonly durationMs?: number;
  readonly folder: string;
}

export const runList = command({
  path: ['run', 'list'],
  summary: { ko: '기록된 실험 실행, 최근 것부터', en: 'recorded runs of experiments, the latest first' },
  impact: 'read',
  fields: {},
  async run(_input, { config }) {
    const { isRunning, listRuns } = await import('../../experiments/harness/run-folder.ts');
    const recorded = await listRuns((await config()).stateDir);
    const runs = await Promise.all(
      recorded.toReversed().map(async (run): Promise<ListedRun> => {
        const { runId, experiment, startedAtMs, seed, fast } = run.metadata;
        const known = { runId, experiment, startedAtMs, seed, fast, folder: run.folder.path };
        if (run.result === undefined) return { ...known, verdict: (await isRunning(run)) ? 'running' : 'lost' };
        return { ...known, verdict: run.result.verdict, durationMs: run.result.durationMs };
      }),
    );
    return { schema: 'labctl.runs/1' as const, runs };
  },
  text({ runs }, { language }) {
    if (runs.length === 0) return nothing[language];
    const rows = runs.map(({ runId, verdict, startedAtMs, durationMs, seed, fast }) => [
      runId,
      verdict,
      new Date(startedAtMs).toISOString().slice(0, 19).replace('T', ' '),
      durationMs === undefined ? '-' : durationText(durationMs),
      String(seed),
      fast ? '--fast' : '',
    ]);
    return plainTable([headings[language], ...rows], [3, 4]);
  },
});

const nothing = {
  ko: '기록된 실행이 없습니다. 첫 실행: labctl exp run E-001 --fast',
  en: 'No run is recorded. The first: labctl exp run E-001 --fast',
} as const;

const headings = {
  ko: ['실행', '판정', '시작 (UTC)', '걸린 시간', '씨앗', '크기'],
  en: ['RUN', 'VERDICT', 'STARTED (UTC)', 'TOOK', 'SEED', 'SIZE'],
} as const;
