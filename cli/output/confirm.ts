import { createInterface } from 'node:readline';
import { InterruptedError, RefusedError } from '../../infra/errors.ts';
import type { Text } from '../../infra/text.ts';
import type { Context } from '../context.ts';

/**
 * Asks y/n before something is changed; `--yes` answers beforehand. Nobody there to ask is no answer.
 * @throws RefusedError when it is not wanted, or nobody can be asked; InterruptedError by Ctrl-C.
 */
export async function confirm(context: Context, question: Text, { yes }: { readonly yes: boolean }): Promise<void> {
  if (yes) return;
  if (!context.terminal.interactive || context.json) {
    throw new RefusedError(
      { ko: '확인 없이는 바꾸지 않습니다', en: 'nothing is changed without a confirmation' },
      {
        why: { ko: '물어볼 터미널이 없습니다', en: 'there is no terminal to ask on' },
        tryThis: [{ ko: '확인을 대신하려면 --yes', en: '--yes confirms it beforehand' }],
      },
    );
  }
  if (!isYes(await answerTo(`${question[context.language]} [y/N] `, context.signal))) {
    throw new RefusedError({ ko: '그만두었습니다. 바뀐 것은 없습니다', en: 'left alone, nothing has changed' });
  }
}

/** ㅛ is what the y key types while the Korean keyboard is on. */
export const isYes = (answer: string): boolean => /^(?:y|yes|ㅛ|네|예)$/i.test(answer.trim().normalize('NFC'));

/** The answer, empty where the input ends without one. */
function answerTo(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise<string>((resolve, reject) => {
    const interrupted = (): void => reject(new InterruptedError());
    signal.addEventListener('abort', interrupted, { once: true });
    lines.on('SIGINT', interrupted);
    lines.on('close', () => resolve(''));
    lines.question(question, resolve);
  }).finally(() => lines.close());
}
