import { expect, test } from 'vitest';
import { commandGroups, parents } from './commands/index.ts';
import { exitCodes } from './output/exit-codes.ts';
import { interpret } from './program.ts';
import { runCommandLine } from './run.ts';
import { recordingHost } from './testing/recording-host.ts';

const own = '--kafka 127.0.0.1:1 --mysql mysql://me:hunter2@127.0.0.1:1/shop --redis redis://me:hunter2@127.0.0.1:1';

test.each(commandGroups.flatMap(({ commands }) => commands).filter(({ impact }) => impact !== 'read'))(
  'what writes is refused while another stack is named: $path',
  async ({ path, fields }) => {
    const wanted = Object.values(fields).filter(({ kind, syntax }) => kind === 'argument' && syntax.startsWith('<'));
    const host = recordingHost(`${path.join(' ')} ${wanted.map(() => 'x').join(' ')} --json ${own}`);
    const code = await runCommandLine(host.host);
    expect([exitCodes.refused, exitCodes.usage]).toContain(code);
    expect(host.stdout() + host.stderr()).not.toContain('hunter2');
  },
);

test.each(['up', 'fault kill kafka-1', 'status', 'exp list', 'dlq list'])(
  '%s says what, why, and what to try',
  async (line) => {
    const { host, stderr } = recordingHost(`${line} --lang en ${own}`);
    expect(await runCommandLine(host)).toBe(exitCodes.refused);
    expect(stderr()).toMatch(/is not done while another stack is named\n {2}why .*\n {2}try .*\n.*get \| diagnose/);
  },
);

test('a password in an address is not printed again: not by a reading, an error, or JSON', async () => {
  const lines = ['get stack.health', 'get stack.health --json', 'tui --once', 'get outbox.backlog --debug'];
  const printed = lines.map(async (line) => {
    const { host, stdout, stderr } = recordingHost(`${line} ${own}`);
    await runCommandLine(host);
    expect(stdout().length).toBeGreaterThan(10);
    return stdout() + stderr();
  });
  expect((await Promise.all(printed)).join('')).not.toContain('hunter2');
}, 30_000);

test('the options are of every command, in front of it or behind', () => {
  const options = { groups: commandGroups, parents, language: 'en', version: () => '', columns: 80 } as const;
  for (const line of ['--kafka a:1 get', 'get --kafka a:1']) {
    expect(interpret(line.split(' '), options)).toMatchObject({ kind: 'run', own: { kafka: 'a:1' } });
  }
  expect(interpret(['get'], options)).toMatchObject({ own: {} });
});
