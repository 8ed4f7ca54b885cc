import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../infra/errors.ts';
import {
  classify,
  type Failure,
  fingerprintOf,
  loadFailureRules,
  parseFailureRules,
  usableFailureRules,
} from './failure-rules.ts';

const failure = (exception: string, message = '', eventType: string | undefined = 'BalanceChanged'): Failure => ({
  exception,
  message,
  eventType,
});

test.each([
  [failure('DecodeError', 'does not begin with a registry frame'), 'schema', 'undecodable', false],
  [failure('UnknownAccountError', 'account 7'), 'validation', 'unknown-account', true],
  [failure('DependencyUnavailableError', 'fx-rates'), 'transient', 'dependency-unavailable', true],
  [failure('Error', 'connect ECONNREFUSED 127.0.0.1:1'), 'transient', 'connection', true],
  [failure('TypeError', "Cannot read properties of undefined (reading 'x')"), 'bug', 'programming-error', true],
  [failure('Error', 'nobody knows'), 'unknown', 'none', true],
])('%o is classed as shipped', async (given, expected, rule, retry) => {
  expect(classify(given, await loadFailureRules(undefined))).toEqual({ class: expected, rule, retry });
});

test("the owner's rules come first, and an absent file is no error", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rules.yaml');
  expect(classify(failure('TypeError'), await loadFailureRules(file)).class).toBe('bug');
  writeFileSync(
    file,
    'rules:\n  - { name: ours, class: transient, exception: TypeError, eventType: /^Balance/, message: flaky }\n',
  );
  const rules = await loadFailureRules(file);
  expect(classify(failure('TypeError', 'a flaky thing'), rules)).toEqual({
    class: 'transient',
    rule: 'ours',
    retry: true,
  });
  expect(classify(failure('TypeError', 'another'), rules).class).toBe('bug');
  expect(classify(failure('TypeError', 'flaky', 'Other'), rules).class).toBe('bug');
});

test.each([
  ['rules: [', /at line 1/],
  ['rules:\n  - { name: a, class: nonsense, exception: X }\n', /rules\.0\.class/],
  ['rules:\n  - { name: a, class: bug }\n', /at least one of/],
  ['rules:\n  - { name: a, class: bug, exception: /(/ }\n', /rule a: .*regular expression/],
  ['rules:\n  - { name: a, class: bug, exeption: X }\n', /exeption/],
  ['rule: []', /rules/],
])('%j is refused, with the reason', (text, why) => {
  const parse = () => parseFailureRules(text, 'own.yaml');
  expect(parse).toThrow(UserError);
  try {
    parse();
  } catch (error) {
    expect((error as UserError).why).toMatch(why);
  }
});

test('own rules that cannot be used are told, and the shipped ones class all the same; a file of comments is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, 'rules: [');
  const told: string[] = [];
  const rules = await usableFailureRules(file, ({ message }) => told.push(message));
  expect(told).toHaveLength(1);
  expect(classify(failure('TypeError'), rules).class).toBe('bug');
  writeFileSync(file, '# none yet\n');
  expect(classify(failure('TypeError'), await loadFailureRules(file)).class).toBe('bug');
});

test('a fingerprint tells causes apart, not messages', () => {
  const one = fingerprintOf({ class: 'bug', exception: 'TypeError', eventType: 'A' });
  expect(one).toMatch(/^[0-9a-f]{12}$/);
  expect(fingerprintOf({ class: 'bug', exception: 'TypeError', eventType: 'A' })).toBe(one);
  expect(fingerprintOf({ class: 'bug', exception: 'TypeError', eventType: undefined })).not.toBe(one);
  expect(fingerprintOf({ class: 'unknown', exception: 'TypeError', eventType: 'A' })).not.toBe(one);
});
