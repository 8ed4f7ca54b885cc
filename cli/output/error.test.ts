import { expect, test } from 'vitest';
import { EngineError, InterruptedError, RefusedError, TimeoutError, UserError } from '../../infra/errors.ts';
import { errorDocument, errorText, exitCodeOf } from './error.ts';

const words = (error: unknown, language: 'ko' | 'en' = 'en'): string => errorText(error, language, { debug: false });

test('what, why and what to try stand under each other, in either language', () => {
  const error = new EngineError(
    'machine',
    { ko: '포트 13306을 mysqld가 쓰고 있습니다', en: 'port 13306 is taken by mysqld' },
    { why: { ko: 'pid 4711', en: 'pid 4711' }, tryThis: ['labctl down', 'LABCTL_PORT_OFFSET=300 labctl up'] },
  );
  expect(words(error)).toBe(
    [
      'labctl: port 13306 is taken by mysqld',
      '  why   pid 4711',
      '  try   labctl down',
      '        LABCTL_PORT_OFFSET=300 labctl up',
    ].join('\n'),
  );
  expect(words(error, 'ko')).toBe(
    [
      'labctl: 포트 13306을 mysqld가 쓰고 있습니다',
      '  이유  pid 4711',
      '  해결  labctl down',
      '        LABCTL_PORT_OFFSET=300 labctl up',
    ].join('\n'),
  );
});

test('an error of ours says so and keeps its own message', () => {
  expect(words(new TypeError('x is undefined'))).toBe(
    'labctl: this should not have happened (a bug of labctl)\n  why   x is undefined\n  try   the same command with --debug, which adds the stack trace',
  );
  expect(words('a string was thrown', 'ko')).toContain('이유  a string was thrown');
});

test('what an engine said cannot steer the terminal', () => {
  expect(words(new EngineError('mysql', 'bad \u001b[31mred\u001b[0m \u0007bell'))).toBe('labctl: bad red bell');
});

test('each class has its exit code', () => {
  const codes = [
    new UserError('u'),
    new RefusedError('r'),
    new EngineError('kafka', 'e'),
    new TimeoutError('t'),
    new InterruptedError(),
    new Error('b'),
    undefined,
  ].map(exitCodeOf);
  expect(codes).toEqual([64, 3, 69, 69, 130, 70, 70]);
});

test('the document names engine and code, for scripts', () => {
  const error = new EngineError('mysql', 'refused', { code: 1226, why: 'too many connections' });
  expect(errorDocument(error, 'en')).toEqual({
    schema: 'labctl.error/1',
    error: {
      kind: 'engine',
      exitCode: 69,
      message: 'refused',
      why: 'too many connections',
      tryThis: [],
      engine: 'mysql',
      code: 1226,
    },
  });
});

test('with debug the causes follow, also when they form a ring', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new EngineError('redis', 'Redis does not answer', { cause });
  Object.assign(cause, { cause: error });
  const text = errorText(error, 'en', { debug: true });
  expect(text).toMatch(/EngineError: Redis does not answer\n +at /);
  expect(text).toContain('caused by Error: ECONNREFUSED');
});

test('a folder that cannot be written is the machine, not our bug; a file that is missing is ours', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', path: '.lab/mysql' });
  expect(exitCodeOf(full)).toBe(69);
  expect(words(full)).toMatch(/^labctl: .lab\/mysql cannot be used\n {2}why {3}ENOSPC/);
  expect(errorDocument(full, 'ko').error).toMatchObject({ kind: 'engine', engine: 'machine', code: 'ENOSPC' });
  const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT', path: 'x.sql' });
  expect(exitCodeOf(missing)).toBe(70);
});
