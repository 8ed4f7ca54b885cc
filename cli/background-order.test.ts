import { expect, test } from 'vitest';
import { UserError } from '../infra/errors.ts';
import { endOf, failureOf } from './background-order.ts';
import { errorDocument } from './output/error.ts';
import { toJson } from './output/json.ts';

test('the result of a command is found among its words for people', () => {
  const document = toJson(
    { schema: 'labctl.fault/1', id: 'kill-1', does: { ko: '죽임', en: '{killed}' } },
    { pretty: true },
  );
  expect(endOf(`fault x: healed now\n${document}\nbye {\nexit code 0\n`)).toMatchObject({
    schema: 'labctl.fault/1',
    code: 0,
  });
});

test('an error comes with its words', () => {
  const error = errorDocument(new UserError('no such node', { why: 'there are: mysql' }), 'en');
  const end = endOf(
    `labctl: no such node\n  why   there are: mysql\n${toJson(error, { pretty: true })}\nexit code 64\n`,
  );
  expect(end && failureOf(end)).toBe('no such node (there are: mysql)');
});

test('a result is no success when its command says so by its exit code', () => {
  const ended = (document: object, code: number) => {
    const end = endOf(`${toJson({ schema: 'x/1', ...document }, { pretty: true })}\nexit code ${code}\n`);
    return end && failureOf(end);
  };
  expect(ended({ faults: [] }, 0)).toBeUndefined();
  expect(ended({ faults: [] }, 5)).toEqual({ ko: '종료 코드 5', en: 'exit code 5' });
  expect(ended({ error: 'a port is taken' }, 5)).toBe('a port is taken');
});

test('a command that died left none', () => {
  expect(endOf('')).toBeUndefined();
  expect(endOf('{\n  "schema": "labctl.up/1"')).toBeUndefined();
  expect(endOf('{\n  "schema": "labctl.up/1"\n}\n')).toBeUndefined();
});
