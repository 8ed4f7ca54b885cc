import { describe, expect, test } from 'vitest';
import { UserError } from '../infra/errors.ts';
import { choiceOption, flag, numberOption, restArguments } from './fields.ts';
import { rateOption, rateText } from './rate.ts';

const nothing = { ko: '', en: '' };

function refusal(parse: () => unknown): UserError {
  try {
    parse();
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  throw new Error('it was accepted');
}

describe('a number', () => {
  const lines = numberOption('-n, --lines <number>', { min: 0, max: 100 }, nothing);
  test('is whole and within its bounds', () => {
    expect([lines.parse('0'), lines.parse('100'), lines.parse(undefined)]).toEqual([0, 100, undefined]);
  });
  test.each(['-1', '101', '1.5', 'ten', '', '1e2', ' 1', '0x10'])('is not "%s"', (raw) => {
    const error = refusal(() => lines.parse(raw));
    expect(error.message).toBe(`--lines cannot be "${raw}"`);
    expect(error.why).toBe('it takes a whole number from 0 to 100');
  });
});

describe('arguments that take the rest', () => {
  const engines = restArguments('[engine...]', ['redis-cluster', 'prometheus'], nothing);
  test('are none, or each one of the choices', () => {
    expect(engines.parse(undefined)).toEqual([]);
    expect(engines.parse(['prometheus', 'redis-cluster'])).toEqual(['prometheus', 'redis-cluster']);
  });
  test('name the choices, and the one that was meant', () => {
    const error = refusal(() => engines.parse(['prometheus', 'redis-clster']));
    expect(error.message).toBe('engine cannot be "redis-clster"');
    expect(error.why).toBe('it takes one of: redis-cluster, prometheus');
    expect(error.tryThis).toEqual(['redis-cluster']);
  });
});

describe('a choice', () => {
  const output = choiceOption('-o, --output <format>', ['table', 'json', 'md'], nothing);
  test('is the first where none is given', () => expect(output.parse(undefined)).toBe('table'));
  test('names the others, and the one that was meant', () => {
    const error = refusal(() => output.parse('jsn'));
    expect(error.why).toBe('it takes one of: table, json, md');
    expect(error.tryThis).toEqual(['--output json']);
  });
});

test('a flag is on or off', () => {
  const fast = flag('--fast', nothing);
  expect([fast.parse(true), fast.parse(undefined)]).toEqual([true, false]);
});

describe('a rate', () => {
  const rate = rateOption('--load <rate>', nothing);
  test.each([
    ['200/s', 200],
    ['200', 200],
    ['30/min', 0.5],
    ['1.5/s', 1.5],
    [' 20/s ', 20],
    ['5000/s', 5_000],
  ])('%s', (raw, perSecond) => expect(rate.parse(raw)).toBe(perSecond));
  test.each(['0/s', '-1/s', '5001/s', '200/h', 'fast', '', 'NaN', 'Infinity/s'])('is not "%s"', (raw) => {
    expect(refusal(() => rate.parse(raw)).message).toBe(`"${raw}" is not a rate`);
  });
  test('is written as it is typed', () => {
    expect([rateText(200), rateText(0.5), rateText(1 / 3)]).toEqual(['200/s', '0.5/s', '0.33/s']);
  });
});
