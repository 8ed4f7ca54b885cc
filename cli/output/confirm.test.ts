import { expect, test } from 'vitest';
import { RefusedError } from '../../infra/errors.ts';
import { createContext } from '../context.ts';
import { recordingHost } from '../testing/recording-host.ts';
import { confirm, isYes } from './confirm.ts';

const context = (json = false) => {
  const { host } = recordingHost('');
  return createContext({ ...host, language: 'en', json });
};
const question = { ko: '할까요?', en: 'do it?' };

test.each(['y', 'Y', 'yes', ' y\n', 'ㅛ', '네', '예'.normalize('NFD')])('%j is a yes', (answer) => {
  expect(isYes(answer)).toBe(true);
});

test.each(['', 'n', 'no', 'yep!', 'ㅜ', '아니요'])('%j is none', (answer) => expect(isYes(answer)).toBe(false));

test('without a terminal nothing is taken for a yes, and --yes is one', async () => {
  await expect(confirm(context(), question, { yes: false })).rejects.toThrow(RefusedError);
  await expect(confirm(context(true), question, { yes: false })).rejects.toThrow('without a confirmation');
  await confirm(context(), question, { yes: true });
});
