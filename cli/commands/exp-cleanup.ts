import { command } from '../command.ts';
import { argument } from '../fields.ts';
import { exitCodes } from '../output/exit-codes.ts';

export const expCleanup = command({
  path: ['exp', 'cleanup'],
  summary: { ko: '끊긴 실행이 남긴 것을 지움', en: 'remove what interrupted runs left behind' },
  impact: 'destructive',
  details: {
    ko: '실험의 데이터베이스·토픽·그룹·캐시 키만 지웁니다. 실행 중인 것은 건드리지 않습니다.\n종료 코드: 0 깨끗함 · 5 정리 실패',
    en: "Databases, topics, groups and cache keys of its runs, nothing of the lab's own; a run that is alive is left alone.\nExit code: 0 clean · 5 clean-up failed",
  },
  fields: { id: argument('<id>', { ko: 'E-001 등', en: 'E-001, …' }) },
  async run({ id }, { config, endpoints, signal }) {
    const { findExperiment } = await import('../../experiments/index.ts');
    const experiment = findExperiment(id);
    const { cleanupExperiment } = await import('../../experiments/harness/cleanup.ts');
    return cleanupExperiment({ experiment, config: await config(), endpoints: await endpoints(), signal });
  },
  exitCode: ({ cleanup }) => (cleanup === 'clean' ? exitCodes.ok : exitCodes.cleanupFailed),
  async text(report, { language }) {
    const { renderCleanupText } = await import('../../experiments/harness/cleanup.ts');
    return renderCleanupText(report, language);
  },
});
