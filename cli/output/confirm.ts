import { InterruptedError, RefusedError } from '../../infra/errors.ts';
import type { Text } from '../../infra/text.ts';
import type { Context } from '../context.ts';

export interface Asking {
  /** `--yes`: answered beforehand. */
  readonly yes: boolean;
  /**
   * Where nobody sits at a terminal, or JSON is asked for. refused: no answer is no. wanted: the script that calls has said
   * what it wants by the command itself.
   */
  readonly unattended: 'refused' | 'wanted';
}

/**
 * Asks y/n before something is changed.
 * @throws RefusedError when it is not wanted, and nothing was done then; InterruptedError by Ctrl-C.
 */
export async function confirm(context: Context, question: Text, { yes, unattended }: Asking): Promise<void> {
  if (yes) return;
  if (!context.terminal.interactive || context.json) {
    if (unattended === 'wanted') return;
    throw new RefusedError(
      { ko: '확인 없이는 바꾸지 않습니다', en: 'nothing is changed without a confirmation' },
      {
        why: { ko: '물어볼 터미널이 없습니다', en: 'there is no terminal to ask on' },
        tryThis: [{ ko: '확인을 대신하려면 --yes', en: '--yes confirms it beforehand' }],
      },
    );
  }
  context.say(`${question[context.language]} [y/N]`);
  if (!isYes(await answerTo(context))) {
    throw new RefusedError({
      ko: '취소했습니다. 아무것도 바꾸지 않았습니다',
      en: 'not confirmed; nothing was changed',
    });
  }
}

/** ㅛ is what the y key types while the Korean keyboard is on. */
export const isYes = (answer: string): boolean => /^(?:y|yes|ㅛ|네|예)$/i.test(answer.trim().normalize('NFC'));

async function answerTo({ terminal, signal }: Context): Promise<string> {
  try {
    return await terminal.readLine(signal);
  } catch (error) {
    throw signal.aborted ? new InterruptedError() : error;
  }
}
