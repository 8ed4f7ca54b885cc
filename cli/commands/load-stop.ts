import type { Text } from '../../infra/text.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';

export const loadStop = command({
  path: ['load', 'stop'],
  summary: { ko: '데모 이체를 끝냄', en: 'end the demo transfers' },
  impact: 'write',
  fields: {},
  async run(_input, context) {
    const { stopDemo } = await import('../../workers/supervisor/demo.ts');
    const wasRunning = await stopDemo(await context.config());
    return { schema: 'labctl.load.stop/1' as const, wasRunning, onLadder: wasRunning ? await onLadder(context) : null };
  },
  text: ({ wasRunning, onLadder: waiting }, { language }) =>
    wasRunning
      ? `${endedText[language]}${waiting ? ladderText(waiting)[language] : ''}`
      : { ko: '돌고 있는 데모 이체가 없었습니다', en: 'No demo transfers were running' }[language],
});

const endedText: Text = { ko: '데모 이체를 끝냈습니다', en: 'The demo transfers have ended' };

const ladderText = (events: number): Text => ({
  ko: `. 재시도를 기다리던 ${events}건은 다음 labctl load가 이어서 처리합니다`,
  en: `. ${events} on the retry ladder are handled when labctl load runs again`,
});

/** Events that wait for their next attempt; null where MySQL cannot tell. */
async function onLadder(context: Context): Promise<number | null> {
  const [{ eventsOnLadder }, target] = await Promise.all([
    import('../../workers/supervisor/events-on-the-way.ts'),
    context.openTarget(),
  ]);
  try {
    return await eventsOnLadder(target.mysql);
  } catch {
    return null;
  } finally {
    await target.close();
  }
}
