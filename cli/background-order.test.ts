import { expect, test } from 'vitest';
import { UserError } from '../infra/errors.ts';
import { endOf } from './background-order.ts';
import { errorDocument } from './output/error.ts';
import { toJson } from './output/json.ts';

test('the result of a command is found among its words for people', () => {
  const document = toJson(
    { schema: 'labctl.fault/1', id: 'kill-1', does: { ko: '죽임', en: '{killed}' } },
    { pretty: true },
  );
  expect(endOf(`fault x: healed now\n${document}\nbye {\n`)).toMatchObject({ schema: 'labctl.fault/1' });
});

test('an error comes with its words', () => {
  const error = errorDocument(new UserError('no such node', { why: 'there are: mysql' }), 'en');
  const end = endOf(`labctl: no such node\n  why   there are: mysql\n${toJson(error, { pretty: true })}\n`);
  expect(end).toMatchObject({ error: { message: 'no such node', why: 'there are: mysql' } });
});

test('a command that died left none', () => {
  expect(endOf('')).toBeUndefined();
  expect(endOf('{\n  "schema": "labctl.up/1"')).toBeUndefined();
});
