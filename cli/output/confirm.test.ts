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

const asked = { yes: false, unattended: 'refused' } as const;

test('without a terminal nothing is taken for a yes unless the command says so, and --yes is one', async () => {
  await expect(confirm(context(), question, asked)).rejects.toThrow(RefusedError);
  await expect(confirm(context(true), question, asked)).rejects.toThrow('without a confirmation');
  await confirm(context(), question, { ...asked, yes: true });
  await confirm(context(), question, { ...asked, unattended: 'wanted' });
});

test('at a terminal the answer decides, and the question is on the screen', async () => {
  const { host, stderr } = recordingHost('', {}, 'ㅛ');
  await confirm(createContext({ ...host, language: 'ko', json: false }), question, asked);
  expect(stderr()).toContain('할까요? [y/N]');
  const no = recordingHost('', {}, '');
  await expect(confirm(createContext({ ...no.host, language: 'en', json: false }), question, asked)).rejects.toThrow(
    'nothing was changed',
  );
});
