import { RefusedError } from '../infra/errors.ts';
import type { Text } from '../infra/text.ts';
import type { Context } from './context.ts';

/**
 * Asks a person y/n before something that cannot be undone. Where nobody sits at a terminal, or JSON is asked for, it does
 * not ask: a script has said what it wants.
 * @throws RefusedError for any answer but yes; nothing was done then.
 */
export async function confirmByKey(question: Text, { terminal, json, language, say, signal }: Context): Promise<void> {
  if (!terminal.interactive || json) return;
  say(`${question[language]} [y/n]`);
  const answer = (await terminal.readLine(signal)).trim().toLowerCase();
  if (['y', 'yes', 'ㅛ', '예', '네'].includes(answer)) return;
  throw new RefusedError({ ko: '취소했습니다. 아무것도 바꾸지 않았습니다', en: 'not confirmed; nothing was changed' });
}
