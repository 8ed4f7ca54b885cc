import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../../infra/closest.ts';
import { UserError } from '../../infra/errors.ts';
import { printable } from '../../infra/text.ts';
import { reportCommand } from '../command.ts';
import { optionalArgument } from '../fields.ts';

export const runView = reportCommand({
  path: ['run', 'view'],
  summary: {
    ko: '실행 하나의 보고서 (이름 없이: 마지막 실행)',
    en: 'the report of a run; without a name, of the last one',
  },
  impact: 'read',
  fields: { run: optionalArgument('[run]', { ko: '실행 이름 (labctl run list)', en: 'its name (labctl run list)' }) },
  async run({ run }, { config }) {
    const { listRuns } = await import('../../experiments/harness/run-folder.ts');
    const finished = (await listRuns((await config()).stateDir)).flatMap(({ folder, result, metadata }) =>
      result === undefined ? [] : [{ runId: metadata.runId, folder: folder.path, result }],
    );
    const found = run === undefined ? finished.at(-1) : finished.find(({ runId }) => runId === run);
    if (found === undefined) throw noSuchRun(run, finished.map(({ runId }) => runId).toReversed());
    return { ...found, report: readFileSync(join(found.folder, 'report.md'), 'utf8') };
  },
  document: ({ result }) => result,
  text: ({ report, folder }) => `${printable(report).trimEnd()}\n\n${folder}`,
});

function noSuchRun(asked: string | undefined, known: readonly string[]): UserError {
  if (asked === undefined) {
    return new UserError(
      { ko: '끝난 실행이 없습니다', en: 'no run has finished yet' },
      { tryThis: ['labctl exp run E-001 --fast'] },
    );
  }
  const meant = closest(asked, known);
  return new UserError(
    { ko: `"${asked}" 실행은 없습니다`, en: `there is no finished run "${asked}"` },
    { tryThis: [...(meant === undefined ? [] : [`labctl run view ${meant}`]), 'labctl run list'] },
  );
}
