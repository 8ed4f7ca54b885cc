import { reportCommand } from '../command.ts';
import { exitCodeOfRun, runExperimentByName } from '../experiment-run.ts';
import { argument, flag, numberOption } from '../fields.ts';

const seedMax = 2 ** 32 - 1;

export const expRun = reportCommand({
  path: ['exp', 'run'],
  summary: { ko: '실험을 실제 엔진에서 실행하고 판정', en: 'run an experiment on the real engines, and judge it' },
  impact: 'write',
  details: {
    ko: '자기만의 데이터베이스와 토픽에서 돌고, 끝나면 지웁니다.\n종료 코드: 0 통과 · 1 기대와 다름 · 2 알 수 없음 · 5 정리 실패 · 130 중단',
    en: 'It runs in a database and topics of its own, and removes them.\nExit code: 0 passed · 1 not as expected · 2 unknown · 5 clean-up failed · 130 interrupted',
  },
  fields: {
    id: argument('<id>', { ko: 'E-001 등 (labctl exp list)', en: 'E-001, … (labctl exp list)' }),
    fast: flag('--fast', { ko: '십분의 일 크기로', en: 'at a tenth of the size' }),
    seed: numberOption(
      '--seed <number>',
      { min: 0, max: seedMax },
      {
        ko: '같은 씨앗은 같은 장애 시점 (없으면 무작위, 결과에 적힘)',
        en: 'the same seed, the same faults; random without, and printed',
      },
    ),
  },
  run: runExperimentByName,
  document: ({ result }) => result,
  exitCode: exitCodeOfRun,
  async text(report, { language }) {
    const { renderReportText } = await import('../../experiments/harness/report/text.ts');
    return renderReportText(report, language);
  },
});
