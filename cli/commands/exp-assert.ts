import { reportCommand } from '../command.ts';
import { exitCodeOfRun } from '../experiment-run.ts';
import { argument } from '../fields.ts';

export const expAssert = reportCommand({
  path: ['exp', 'assert'],
  summary: { ko: '마지막 실행의 기록을 다시 판정', en: 'judge the record of the last run once more' },
  impact: 'read',
  details: {
    ko: '엔진 없이 기록만 봅니다. 종료 코드는 exp run과 같습니다.',
    en: 'From the record alone, without engines. Exit codes as of exp run.',
  },
  fields: { id: argument('<id>', { ko: 'E-001 등', en: 'E-001, …' }) },
  async run({ id }, { config }) {
    const { findExperiment } = await import('../../experiments/index.ts');
    const experiment = findExperiment(id);
    const { assertExperiment } = await import('../../experiments/harness/assert.ts');
    return assertExperiment({ experiment, config: await config() });
  },
  document: ({ result }) => result,
  exitCode: exitCodeOfRun,
  async text(report, { language }) {
    const { renderReportText } = await import('../../experiments/harness/report/text.ts');
    return renderReportText(report, language);
  },
});
