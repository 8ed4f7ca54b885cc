import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../infra/package-root.ts';
import { type RunResult, run } from '../infra/process.ts';
import { exitCodes } from './output/exit-codes.ts';

/** The program itself, as a child: what it writes where, and how it ends. */

const main = join(packageRoot, 'dist', 'cli', 'main.js');
let stateDir: string;
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'labctl-main-'));
  mkdirSync(join(stateDir, 'demo'));
  const lines = Array.from({ length: 5_000 }, (_, index) => `{"message":"line ${index}"}`);
  writeFileSync(join(stateDir, 'demo', 'supervisor.log'), `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(stateDir, { recursive: true }));

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LABCTL_STATE_DIR: stateDir, LANG: 'C.UTF-8' });

const labctl = (line: string): Promise<RunResult> =>
  run(process.execPath, [main, ...line.split(' ')], { env: environment(), timeoutMs: 20_000 });

describe('exit codes, and what goes where', () => {
  test.each([
    ['--version', exitCodes.ok, /^labctl \d+\.\d+\.\d+$/, /^$/],
    ['exp --help', exitCodes.ok, /list/, /^$/],
    ['load status', exitCodes.finding, /^demo transfers: not running$/, /^$/],
    ['logs supervisor -n 1', exitCodes.ok, /^\{"message":"line 4999"\}$/, /^$/],
    ['run list', exitCodes.ok, /^No run is recorded/, /^$/],
    ['run view', exitCodes.usage, /^$/, /no run has finished yet\n {2}try {3}labctl exp run E-001 --fast/],
    ['exp assert E-001', exitCodes.usage, /^$/, /E-001/],
    ['exp run E-999', exitCodes.usage, /^$/, /labctl exp list/],
    ['tui --screen 9', exitCodes.usage, /^$/, /--screen cannot be "9"/],
    ['top', exitCodes.refused, /^$/, /on a terminal only/],
    ['staus', exitCodes.usage, /^$/, /no command "staus"\n {2}try {3}labctl status/],
    ['logs supervisro', exitCodes.usage, /^$/, /labctl logs supervisor/],
    ['load 0/s', exitCodes.usage, /^$/, /"0\/s" is not a rate/],
    ['exp run', exitCodes.usage, /^$/, /needs <id>/],
    ['exp run E-001 --seed -1', exitCodes.usage, /^$/, /--seed cannot be "-1"/],
    ['get --output xml', exitCodes.usage, /^$/, /table, json, md/],
  ])('%s', async (line, code, stdout, stderr) => {
    const result = await labctl(line);
    expect(result.stdout).toMatch(stdout);
    expect(result.stderr).toMatch(stderr);
    expect(result.exitCode).toBe(code);
  });
});

test.each(['get mysql.load', 'diagnose mysql'])(
  '%s of a lab that is down says so, with what to try',
  async (line) => {
    const env = { ...environment(), LABCTL_PORT_OFFSET: '5700' };
    const result = await run(process.execPath, [main, ...line.split(' ')], { env, timeoutMs: 20_000 });
    expect(result.stdout).toMatch(/unknown.*cannot be reached/s);
    expect(result.stderr).toMatch(/the lab is down\. To start it: labctl up/);
    expect(result.exitCode).toBe(exitCodes.unknown);
  },
  20_000,
);

test('JSON is alone on stdout, also when the command fails', async () => {
  const status = await labctl('load status --json');
  expect(JSON.parse(status.stdout)).toMatchObject({ schema: 'labctl.load/1', running: false });
  expect(status.stderr).toBe('');
  const refused = await labctl('logs nothing --json --lang ko');
  expect(JSON.parse(refused.stdout)).toMatchObject({
    schema: 'labctl.error/1',
    error: { kind: 'usage', exitCode: 64 },
  });
  expect(refused.stderr).toContain('로그는 없습니다');
});

/** Runs a shell script that finds the program as "$0" "$1". */
const shell = (script: string): Promise<RunResult> =>
  run('sh', ['-c', script, process.execPath, main, join(stateDir, 'out')], { env: environment(), timeoutMs: 20_000 });

test.each(['INT', 'TERM'])('SIG%s ends what would go on for ever, with 130', async (signal) => {
  const { exitCode, stderr } = await shell(
    `rm -f "$2"; "$0" "$1" logs supervisor -f -n 1 > "$2" & child=$!
     until [ -s "$2" ]; do sleep 0.05; done
     kill -${signal} $child; wait $child`,
  );
  expect([exitCode, stderr]).toEqual([exitCodes.interrupted, '']);
});

test('a reader that goes away ends it, without words', async () => {
  const { exitCode, stdout, stderr } = await shell('"$0" "$1" logs supervisor -f -n 5000 | head -n 1');
  expect([exitCode, stdout, stderr]).toEqual([0, '{"message":"line 0"}', '']);
});
