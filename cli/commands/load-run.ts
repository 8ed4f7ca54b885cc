import { command } from '../command.ts';
import { rateArgument, rateText } from '../rate.ts';

export const loadRun = command({
  path: ['load'],
  summary: {
    ko: '데모 이체를 이 속도로 시작하거나 속도를 바꿈',
    en: 'start the demo transfers at this rate, or change it',
  },
  impact: 'write',
  details: {
    ko: '이체는 뒤에서 계속 돕니다. 끝내기: labctl load stop',
    en: 'The transfers go on in the background. To end them: labctl load stop',
  },
  fields: { rate: rateArgument('<rate>', { ko: '초당 이체 수: 200/s', en: 'transfers a second: 200/s' }) },
  async run({ rate }, { config, endpoints }) {
    const { startDemo } = await import('../../workers/supervisor/demo.ts');
    const demo = await startDemo({ config: await config(), endpoints: await endpoints(), transfersPerSecond: rate });
    return { schema: 'labctl.load/1' as const, ...demo };
  },
  text: ({ transfersPerSecond = 0, logDir }, { language }) =>
    language === 'ko'
      ? `데모 이체가 ${rateText(transfersPerSecond)}로 돌고 있습니다 (로그: ${logDir})`
      : `Demo transfers run at ${rateText(transfersPerSecond)} (logs: ${logDir})`,
});
