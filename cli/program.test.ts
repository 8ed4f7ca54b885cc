import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { UserError } from '../infra/errors.ts';
import type { Language } from '../infra/text.ts';
import { type Invocation, interpret, languageFrom } from './program.ts';
import { sampleTable } from './testing/sample-commands.ts';

function interpreted(line: string, language: Language = 'en'): Invocation {
  return interpret(line === '' ? [] : line.split(' '), {
    ...sampleTable,
    language,
    version: () => '1.2.3',
    columns: 80,
    displayWidth: stringWidth,
  });
}

function printed(line: string, language?: Language): string {
  const invocation = interpreted(line, language);
  return invocation.kind === 'print' ? invocation.text : 'nothing was printed';
}

function refused(line: string): UserError {
  try {
    interpreted(line);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`"${line}" was understood`);
}

describe('what is understood', () => {
  test('arguments and options come by their names, whatever their order', () => {
    const invocation = interpreted('greet kim --bow -n 3 --tone loud --json');
    expect(invocation).toMatchObject({
      kind: 'run',
      raw: { name: 'kim', times: '3', tone: 'loud', bow: true, json: true },
    });
    expect(interpreted('--json greet kim')).toMatchObject({ raw: { name: 'kim', json: true } });
  });

  test('a command under a word, with its argument or without', () => {
    expect(interpreted('count up')).toMatchObject({ raw: { to: undefined } });
    expect(interpreted('count up 5')).toMatchObject({ raw: { to: '5' } });
  });

  test('an argument that takes the rest comes as a list', () => {
    expect(interpreted('paint red green')).toMatchObject({ raw: { colours: ['red', 'green'] } });
    expect(interpreted('paint')).toMatchObject({ raw: { colours: [] } });
    expect(printed('--help')).toMatch(/paint \[colour\.\.\.\]/);
  });

  test('what is hidden works, and is not in the help', () => {
    expect(interpreted('quiet').kind).toBe('run');
    expect(interpreted('greet kim --secret x')).toMatchObject({ raw: { secret: 'x' } });
    expect(printed('--help')).not.toContain('quiet');
    expect(printed('greet --help')).not.toContain('secret');
  });

  test('the version, and help where nothing is asked', () => {
    expect(printed('--version')).toBe('labctl 1.2.3\n');
    expect(printed('-V')).toBe('labctl 1.2.3\n');
    expect(printed('')).toBe(printed('--help'));
    expect(printed('help greet')).toBe(printed('greet --help'));
  });
});

describe('help', () => {
  test('lists commands by group, with what can follow them', () => {
    expect(printed('--help')).toMatch(/Words:\n {2}greet <name>/);
    expect(printed('--help')).toMatch(/Numbers:\n {2}count up/);
  });

  test('says what a command does to the lab', () => {
    expect(printed('greet --help')).toContain('Impact: reads only');
    expect(printed('count up --help')).toContain('Impact: changes the state of the lab');
    expect(printed('quiet --help')).toContain('It says nothing.');
    expect(printed('quiet --help', 'ko')).toContain('영향: 데이터를 지울 수 있습니다');
  });

  test('is Korean throughout, and no line is wider than the screen', () => {
    const help = printed('greet --help', 'ko');
    for (const title of ['사용법:', '인자:', '옵션:', '공통 옵션:']) expect(help).toContain(title);
    expect(help).not.toMatch(/show this help|Usage|Options/);
    for (const line of [...help.split('\n'), ...printed('--help', 'ko').split('\n')]) {
      expect(stringWidth(line), line).toBeLessThanOrEqual(80);
    }
  });
});

describe('what is refused, and what is suggested instead', () => {
  test.each([
    ['gret kim', 'labctl has no command "gret"', 'labctl greet'],
    ['cuont', 'labctl has no command "cuont"', 'labctl count'],
    ['count dwn', 'labctl count has no command "dwn"', 'labctl count --help'],
    ['help gret', 'labctl has no command "gret"', 'labctl greet'],
    ['count', 'labctl count needs a command after it', 'labctl count --help'],
    ['--json', 'labctl needs a command after it', 'labctl --help'],
    ['greet', 'labctl greet needs <name>', 'labctl greet --help'],
    ['greet kim lee', 'labctl greet was given too many arguments', 'labctl greet --help'],
    ['greet kim --boww', 'labctl greet has no option --boww', 'labctl greet --bow'],
    ['greet kim --jsn', 'labctl greet has no option --jsn', 'labctl greet --json'],
    ['greet kim -x', 'labctl greet has no option -x', 'labctl greet --help'],
    ['greet kim --times', '-n, --times <number> was given no value', 'labctl greet --help'],
    ['greet kim --lang fr', '--lang cannot be "fr"', '--lang ko'],
  ])('%s', (line, message, suggestion) => {
    const error = refused(line);
    expect(error.message).toBe(message);
    expect(error.tryThis[0]).toBe(suggestion);
    expect(error.said.what).toMatchObject({ ko: expect.stringMatching(/[가-힣]/) });
  });

  test('too many arguments are counted', () => {
    expect(refused('greet kim lee park').why).toBe('it takes 1, and got 3: kim, lee, park');
  });
});

describe('the language', () => {
  test.each<[string[], NodeJS.ProcessEnv, Language]>([
    [['up', '--lang', 'ko'], { LANG: 'en_US.UTF-8' }, 'ko'],
    [['--lang=en', 'up'], { LABCTL_LANG: 'ko' }, 'en'],
    [['up'], { LABCTL_LANG: 'ko', LANG: 'en_US.UTF-8' }, 'ko'],
    [['up'], { LANG: 'ko_KR.UTF-8' }, 'ko'],
    [['up'], { LC_ALL: 'C', LANG: 'ko_KR.UTF-8' }, 'en'],
    [['up', '--lang', 'fr'], { LANG: 'ko_KR.UTF-8' }, 'ko'],
    [['up', '--lang'], {}, 'en'],
  ])('%j with %j speaks %s', (argv, env, language) => {
    expect(languageFrom(argv, env)).toBe(language);
  });
});
