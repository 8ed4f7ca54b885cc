import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { waitFor } from '../infra/clock.ts';
import { packageRoot } from '../infra/package-root.ts';
import { isAlive, type RunResult, run, signalProcess } from '../infra/process.ts';
import { createNativeStack } from '../infra/stack/native/native-stack.ts';
import { demoStatus } from '../workers/supervisor/demo.ts';
import { exitCodes } from './output/exit-codes.ts';

/** The program itself, as a child, on real engines: what an operator types, and what comes back. */

const config = inject('config');
const stack = createNativeStack(config);
const main = join(packageRoot, 'dist', 'cli', 'main.js');

function labctl(line: string): Promise<RunResult> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: 'C.UTF-8',
    LABCTL_PORT_OFFSET: String(config.portOffset),
    LABCTL_STATE_DIR: config.stateDir,
    LABCTL_CACHE_DIR: config.cacheDir,
  };
  return run(process.execPath, [main, ...line.split(' ')], { env, timeoutMs: 60_000 });
}

/** Exactly one document on stdout, or this throws. */
async function document(line: string): Promise<{ readonly code: number | undefined; readonly json: unknown }> {
  const { exitCode, stdout } = await labctl(`${line} --json`);
  return { code: exitCode, json: JSON.parse(stdout) };
}

beforeAll(async () => {
  await labctl('load stop');
  expect((await labctl('up')).exitCode).toBe(exitCodes.ok);
});
afterAll(async () => {
  await labctl('load stop');
});

test('up on a running lab leaves it alone and says so in one document', async () => {
  const before = await stack.status();
  const { code, json } = await document('up');
  expect(code).toBe(exitCodes.ok);
  expect(json).toMatchObject({ schema: 'labctl.up/1', migrations: [], topics: [] });
  expect((await stack.status()).map((node) => node.process)).toEqual(before.map((node) => node.process));
});

test('topics are created once, and there afterwards', async () => {
  const { exitCode, stdout } = await labctl('topics create');
  const topics = ['v1', 'retry.5s', 'retry.1m', 'dlq'].map((name) => `account.balance.${name}  is there already`);
  expect([exitCode, stdout.split('\n')]).toEqual([exitCodes.ok, topics]);
});

describe('with an engine dead', () => {
  beforeAll(() => stack.kill('redis'));
  afterAll(() => stack.start('redis', new AbortController().signal));

  test('status, get and the snapshot say which one, each with exit code 1', async () => {
    const status = await labctl('status');
    expect(status.exitCode).toBe(exitCodes.finding);
    expect(status.stdout).toMatch(/^redis +dead/m);
    expect(status.stdout).toMatch(/^mysql +running/m);
    const health = await labctl('get stack.health');
    expect(health.exitCode).toBe(exitCodes.finding);
    expect(health.stdout).toMatch(/redis.*no/);
    const snapshot = await labctl('tui --once');
    expect(snapshot.exitCode).toBe(exitCodes.finding);
    expect(snapshot.stdout).toMatch(/redis down/);
  });
});

describe('the demo', () => {
  test('runs at its rate in the background, is seen by probes and logs, and its death is told', async () => {
    const started = await labctl('load 20/s');
    expect(started.stderr).toBe('');
    expect(started.exitCode).toBe(exitCodes.ok);
    expect(await document('load status')).toMatchObject({ code: 0, json: { running: true, transfersPerSecond: 20 } });
    await waitFor(
      'transfers in the projection',
      async () => /balance-projector.*applied=[1-9]/.test((await labctl('get workers.health')).stdout),
      { timeoutMs: 30_000 },
    );
    expect((await labctl('logs supervisor -n 1')).stdout).toMatch(/^\{"at":/);

    const { process: supervisor } = await demoStatus(config);
    if (supervisor === undefined) throw new Error('the demo has no supervisor');
    await signalProcess(supervisor, 'SIGKILL');
    await waitFor('the demo to be dead', async () => !(await demoStatus(config)).running, { timeoutMs: 5_000 });
    expect((await labctl('load status')).exitCode).toBe(exitCodes.finding);
    expect((await labctl('status')).stdout).toMatch(/demo: died/);
    expect((await labctl('load stop')).exitCode).toBe(exitCodes.ok);
    expect((await labctl('status')).stdout).toMatch(/demo: stopped/);
  });
});

test('a demo whose starter was killed before it wrote its record is ended by load stop all the same', async () => {
  expect((await labctl('load 20/s')).exitCode).toBe(exitCodes.ok);
  const { process: supervisor } = await demoStatus(config);
  if (supervisor === undefined) throw new Error('the demo has no supervisor');
  rmSync(join(config.stateDir, 'demo.json'));
  expect((await labctl('load stop')).exitCode).toBe(exitCodes.ok);
  expect(await isAlive(supervisor)).toBe(false);
});

test('a probe proves nothing where nothing answers: unknown, exit code 2, never 0', async () => {
  const env = {
    PATH: process.env.PATH,
    LABCTL_PORT_OFFSET: '1700',
    LABCTL_STATE_DIR: join(config.stateDir, 'nowhere'),
  };
  const result = await run(process.execPath, [main, 'get', 'outbox.backlog', '--json'], { env, timeoutMs: 30_000 });
  expect(result.exitCode).toBe(exitCodes.unknown);
  expect(JSON.parse(result.stdout)).toMatchObject({ reading: { status: 'unknown' }, rows: [] });
});
