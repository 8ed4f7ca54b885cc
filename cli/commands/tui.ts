import type { Document } from '../command.ts';
import { reportCommand } from '../command.ts';
import { choiceOption, flag } from '../fields.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';

interface TuiResult {
  readonly document: Document;
  readonly exitCode: ExitCode;
  readonly text: string;
}

/** Those of cli/tui/screens, which are not loaded for a line of help; a test compares the two. */
export const screenKeys = ['0', '3', '4'] as const;

export const tui = reportCommand({
  path: ['tui'],
  summary: { ko: '콘솔: 살아 있는 화면', en: 'the console: live screens' },
  impact: 'read',
  details: {
    ko: '터미널이 아니면 --once처럼 한 번 그리고 끝납니다.\n--once의 종료 코드: 0 정상 · 1 발견 있음 · 2 알 수 없음',
    en: 'Without a terminal it draws once, as with --once.\nExit code of --once: 0 healthy · 1 a finding · 2 unknown',
  },
  fields: {
    screen: choiceOption('--screen <screen>', screenKeys, { ko: '처음 보일 화면', en: 'the first screen' }),
    once: flag('--once', { ko: '한 번만 글자로 그리고 끝냄', en: 'draw once as plain text, and end' }),
    ascii: flag('--ascii', { ko: 'ASCII 문자로만', en: 'with ASCII characters only' }),
  },
  async run({ screen, once, ascii }, context): Promise<TuiResult> {
    const { exitCodeOfSeverity, lookFrom, runLiveConsole, takeSnapshot } = await import('../live.ts');
    const look = lookFrom(context.env, { ascii });
    if (context.terminal.interactive && !once && !context.json) {
      await runLiveConsole(context, { screen, look });
      return { document: { schema: 'labctl.tui/1' }, exitCode: exitCodes.ok, text: '' };
    }
    if (!once) context.say({ ko: '터미널이 아니어서 한 번만 그립니다', en: 'no terminal here, so it is drawn once' });
    const { document, text } = await takeSnapshot(context, {
      screen,
      look: { ...look, colour: look.colour && context.terminal.stdoutIsTty },
    });
    return { document, text, exitCode: exitCodeOfSeverity(document.severity) };
  },
  document: ({ document }) => document,
  exitCode: ({ exitCode }) => exitCode,
  text: ({ text }) => text,
});
