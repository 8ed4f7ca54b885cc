import { describe, expect, test } from 'vitest';
import { exitCodes } from './output/exit-codes.ts';
import { runCommandLine } from './run.ts';
import { type Recorded, recordingHost } from './testing/recording-host.ts';
import { sampleTable } from './testing/sample-commands.ts';

async function run(line: string, env?: NodeJS.ProcessEnv): Promise<Recorded & { readonly code: number }> {
  const recorded = recordingHost(line, env);
  const code = await runCommandLine(recorded.host, sampleTable);
  return { ...recorded, code };
}

describe('a result', () => {
  test('is text on stdout in the language, progress on stderr', async () => {
    const { code, stdout, stderr } = await run('greet kim -n 2 --lang ko');
    expect(code).toBe(0);
    expect(stdout()).toBe('안녕 kim ×2\n');
    expect(stderr()).toBe('인사 중\n');
  });

  test('with --json is one document on stdout and nothing else, money as strings', async () => {
    const { stdout, stderr } = await run('greet kim --json');
    expect(JSON.parse(stdout())).toEqual({
      schema: 'labctl.greet/1',
      name: 'kim',
      times: 1,
      tone: 'plain',
      bow: false,
      balance: '1152921504606846976',
    });
    expect(stderr()).toBe('greeting\n');
  });

  test('may carry an exit code of its own', async () => {
    expect((await run('greet ghost')).code).toBe(exitCodes.unknown);
  });

  test('without words prints nothing', async () => {
    const { code, stdout, stderr } = await run('quiet');
    expect([code, stdout(), stderr()]).toEqual([0, '', '']);
  });

  test('that streams is one line each, and one JSON document a line', async () => {
    expect((await run('count up 2')).stdout()).toBe('1\n2\n');
    const lines = (await run('count up 2 --json')).stdout().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).value)).toEqual([1, 2]);
  });
});

describe('an error', () => {
  test.each([
    ['greet nobody', exitCodes.refused, 'refused'],
    ['greet kafka', exitCodes.engineUnavailable, 'engine'],
    ['greet crash', exitCodes.bug, 'bug'],
    ['greet kim --times ten', exitCodes.usage, 'usage'],
    ['greet kim --tone lout', exitCodes.usage, 'usage'],
    ['gret', exitCodes.usage, 'usage'],
  ])('%s ends with %i and says so in JSON as %s', async (line, code, kind) => {
    const plain = await run(line);
    expect(plain.code).toBe(code);
    expect(plain.stdout()).toBe('');
    expect(plain.stderr()).toMatch(/^labctl: /);
    expect(plain.stderr()).not.toMatch(/^ +at /m);

    const json = await run(`${line} --json`);
    expect(json.code).toBe(code);
    expect(JSON.parse(json.stdout())).toMatchObject({ schema: 'labctl.error/1', error: { kind, exitCode: code } });
    expect(json.stderr()).toMatch(/^labctl: /);
  });

  test('shows its stack with --debug only', async () => {
    expect((await run('greet crash --debug')).stderr()).toMatch(/TypeError: greeting is not iterable\n +at /);
  });

  test('after an interrupt is the interrupt', async () => {
    const recorded = recordingHost('greet crash');
    recorded.interrupt();
    expect(await runCommandLine(recorded.host, sampleTable)).toBe(exitCodes.interrupted);
    expect(recorded.stderr()).toBe('labctl: interrupted\n');
  });
});

test('a variable that cannot be used is named when a command needs it', async () => {
  const recorded = recordingHost('load status', { LABCTL_PORT_OFFSET: 'many' });
  expect(await runCommandLine(recorded.host)).toBe(exitCodes.usage);
  expect(recorded.stderr()).toContain('LABCTL_PORT_OFFSET=many');
});
