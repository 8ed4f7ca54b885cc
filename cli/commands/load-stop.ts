import { command } from '../command.ts';

export const loadStop = command({
  path: ['load', 'stop'],
  summary: { ko: '데모 이체를 끝냄', en: 'end the demo transfers' },
  impact: 'write',
  fields: {},
  async run(_input, { config }) {
    const { stopDemo } = await import('../../workers/supervisor/demo.ts');
    return { schema: 'labctl.load.stop/1' as const, wasRunning: await stopDemo(await config()) };
  },
  text: ({ wasRunning }, { language }) =>
    wasRunning
      ? { ko: '데모 이체를 끝냈습니다', en: 'The demo transfers have ended' }[language]
      : { ko: '돌고 있는 데모 이체가 없었습니다', en: 'No demo transfers were running' }[language],
});
