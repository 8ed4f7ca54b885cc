import { onDemand, onDemandEngines } from '../../infra/stack/on-demand.ts';
import type { Language } from '../../infra/text.ts';
import { command } from '../command.ts';
import { choiceOption, hidden, restArguments, textOption } from '../fields.ts';
import { bringUpLab, exitCodeOfUp, progressOf, upText } from '../lab-up.ts';
import { rateOption } from '../rate.ts';

export const up = command({
  path: ['up'],
  summary: {
    ko: '엔진을 내려받아 시작하고 데이터베이스·토픽·스키마를 준비',
    en: 'fetch and start the engines, and prepare database, topics and schema',
  },
  impact: 'write',
  details: {
    ko: `이미 떠 있는 것은 그대로 두므로 몇 번이든 실행해도 됩니다.\n종료 코드: 0 · 5 걸려 있던 장애를 치유하지 못함\n\n이름을 대야 시작하는 엔진:\n${engineLines('ko')}`,
    en: `Running it again is safe: what runs already is left alone.\nExit code: 0 · 5 an active fault could not be healed\n\nEngines that start only when they are named:\n${engineLines('en')}`,
  },
  fields: {
    engines: restArguments('[engine...]', onDemandEngines, {
      ko: '이 엔진도 시작',
      en: 'start this one too',
    }),
    load: rateOption('--load <rate>', {
      ko: '준비되면 데모 이체도 시작 (예: 20/s)',
      en: 'then also start the demo transfers, for example 20/s',
    }),
    driver: choiceOption('--driver <driver>', ['auto', 'native', 'compose'], {
      ko: '엔진을 돌리는 방법. auto: 이 랩이 쓰던 것, 처음이면 Docker가 응답할 때 compose',
      en: 'how engines are run. auto: as this lab was run before, else compose where Docker answers',
    }),
    jsonEvents: hidden(textOption('--json-events <file>', { ko: '진행을 파일로', en: 'progress into a file' })),
  },
  async run({ engines, load, driver: named, jsonEvents }, context) {
    const wish = { load, engines, driver: named === 'auto' ? undefined : named };
    if (jsonEvents === undefined) return bringUpLab(context, wish, progressOf(context));
    const { upEventFile } = await import('../up-events.ts');
    const file = upEventFile(jsonEvents);
    try {
      const result = await bringUpLab(context, wish, file.event);
      file.finished();
      return result;
    } catch (error) {
      file.failed(error, context.language);
      throw error;
    }
  },
  exitCode: exitCodeOfUp,
  text: (result, { language }) => upText(result, language),
});

function engineLines(language: Language): string {
  return onDemandEngines.map((engine) => `  ${engine.padEnd(16)}${onDemand[engine].is[language]}`).join('\n');
}
