import { EngineError, RefusedError } from '../../infra/errors.ts';
import { command } from '../command.ts';
import {
  argument,
  choiceOption,
  flag,
  hidden,
  numberOption,
  optionalArgument,
  restArguments,
  textOption,
} from '../fields.ts';
import { exitCodes } from '../output/exit-codes.ts';
import type { CommandTable } from '../program.ts';

/** Small commands of every shape, so that the machinery around commands is tested without engines. */
const greet = command({
  path: ['greet'],
  summary: { ko: '인사', en: 'say hello' },
  impact: 'read',
  fields: {
    name: argument('<name>', { ko: '이름', en: 'a name' }),
    times: numberOption('-n, --times <number>', { min: 1, max: 9 }, { ko: '번', en: 'how often' }),
    tone: choiceOption('--tone <tone>', ['plain', 'loud'], { ko: '말투', en: 'tone' }),
    bow: flag('--bow', { ko: '절', en: 'bow first' }),
    secret: hidden(textOption('--secret <word>', { ko: '비밀', en: 'secret' })),
  },
  async run({ name, times = 1, tone, bow, secret }, { say }) {
    if (name === 'nobody') throw new RefusedError('nobody cannot be greeted', { why: 'nobody is there' });
    if (name === 'crash') throw new TypeError('greeting is not iterable');
    if (name === 'kafka') throw new EngineError('kafka', 'Kafka does not answer', { code: 'ECONNREFUSED' });
    say({ ko: '인사 중', en: 'greeting' });
    return {
      schema: 'labctl.greet/1' as const,
      name,
      times,
      tone,
      bow,
      balance: 2n ** 60n,
      ...(secret ? { secret } : {}),
    };
  },
  exitCode: ({ name }) => (name === 'ghost' ? exitCodes.unknown : exitCodes.ok),
  text: ({ name, times }, { language }) => ({ ko: `안녕 ${name}`, en: `Hello ${name}` })[language].concat(` ×${times}`),
});

const count = command({
  path: ['count', 'up'],
  summary: { ko: '세기', en: 'count' },
  impact: 'write',
  fields: { to: optionalArgument('[to]', { ko: '끝', en: 'the end' }) },
  async *run({ to = '3' }) {
    for (let value = 1; value <= Number(to); value++) yield { schema: 'labctl.count/1' as const, value };
  },
  text: ({ value }) => String(value),
});

const paint = command({
  path: ['paint'],
  summary: { ko: '칠하기', en: 'paint' },
  impact: 'write',
  fields: { colours: restArguments('[colour...]', ['red', 'green'], { ko: '색', en: 'with these' }) },
  run: async ({ colours }) => ({ schema: 'labctl.paint/1' as const, colours }),
  text: ({ colours }) => colours.join(', '),
});

const quiet = command({
  path: ['quiet'],
  summary: { ko: '조용', en: 'quiet' },
  impact: 'destructive',
  details: { ko: '아무 말도 하지 않습니다.', en: 'It says nothing.' },
  hidden: true,
  fields: {},
  run: async () => ({ schema: 'labctl.quiet/1' as const }),
  text: () => '',
});

export const sampleTable: CommandTable = {
  groups: [
    { heading: { ko: '말', en: 'Words' }, commands: [greet, paint, quiet] },
    { heading: { ko: '수', en: 'Numbers' }, commands: [count] },
  ],
  parents: { count: { ko: '세는 명령', en: 'counting' } },
};
