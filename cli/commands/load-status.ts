import { command } from '../command.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { rateText } from '../rate.ts';

export const loadStatus = command({
  path: ['load', 'status'],
  summary: { ko: '데모 이체가 도는지, 어느 속도인지', en: 'whether the demo transfers run, and how fast' },
  impact: 'read',
  details: { ko: '종료 코드: 0 실행 중 · 1 아님', en: 'Exit code: 0 running · 1 not' },
  fields: {},
  async run(_input, { config }) {
    const { demoStatus } = await import('../../workers/supervisor/demo.ts');
    return { schema: 'labctl.load/1' as const, ...(await demoStatus(await config())) };
  },
  exitCode: ({ running }) => (running ? exitCodes.ok : exitCodes.finding),
  text({ running, transfersPerSecond = 0, sinceMs = 0, process }, { language }) {
    if (!running) return { ko: '데모 이체: 꺼짐', en: 'demo transfers: not running' }[language];
    const since = new Date(sinceMs).toISOString();
    const rate = rateText(transfersPerSecond);
    return language === 'ko'
      ? `데모 이체: ${rate}, ${since}부터, pid ${process?.pid}`
      : `demo transfers: ${rate} since ${since}, pid ${process?.pid}`;
  },
});
