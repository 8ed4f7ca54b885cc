import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { waitFor } from '../infra/clock.ts';
import { packageRoot } from '../infra/package-root.ts';
import { isAlive, type ProcessIdentity, run, signalProcess, spawnDaemon } from '../infra/process.ts';
import { findMarkedProcesses } from '../infra/process-marks.ts';
import { layoutOf } from '../infra/stack/native/layout.ts';
import { createNativeStack } from '../infra/stack/native/native-stack.ts';
import { nodeNames } from '../infra/stack/stack.ts';

/**
 * labctl killed with SIGKILL in the middle of what it does, on a lab of its own. The tests follow each other on it. Its
 * folder is so deep that MySQL's socket needs another place.
 */
const base = mkdtempSync(join(tmpdir(), 'labctl-killed-'));
const stateDir = join(base, 'a-folder-with-a-rather-long-name'.repeat(2), 'lab');
const shared = inject('config');
const config = { ...shared, portOffset: shared.portOffset + 20, stateDir };
const layout = layoutOf(stateDir);
const stack = createNativeStack(config);
const main = join(packageRoot, 'dist', 'cli', 'main.js');
const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  LANG: 'C.UTF-8',
  LABCTL_PORT_OFFSET: String(config.portOffset),
  LABCTL_STATE_DIR: stateDir,
  LABCTL_CACHE_DIR: config.cacheDir,
};
const timeoutMs = 150_000;

const labctl = (line: string) => run(process.execPath, [main, ...line.split(' ')], { env, timeoutMs });

afterAll(async () => {
  await stack.down({ wipe: true }, () => {});
  rmSync(base, { recursive: true });
});

/** Starts it, and kills it in the moment in which the condition holds. */
async function killedAt(line: string, what: string, holds: () => boolean): Promise<void> {
  mkdirSync(base, { recursive: true });
  const logFile = join(base, 'killed.log');
  const child: ProcessIdentity = await spawnDaemon(process.execPath, [main, ...line.split(' ')], { logFile, env });
  await waitFor(what, holds, { timeoutMs: 60_000, intervalMs: 5 });
  expect(await signalProcess(child, 'SIGKILL')).toBe(true);
  await waitFor('it to be gone', async () => !(await isAlive(child)), { timeoutMs: 10_000 });
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Every node runs, and a second `up` finds nothing to do: none was about to end. */
async function expectWholeLab(): Promise<void> {
  expect((await stack.status()).map(({ state }) => state)).toEqual(nodeNames.map(() => 'running'));
  const again = await labctl('up');
  expect(again.stderr).not.toMatch(/starting|migrated|created/);
  expect(again.exitCode).toBe(0);
}

test('up, killed while first data is made and again while nodes start, is finished by the next; two at once are one', async () => {
  await killedAt('up', 'MySQL to make its first data', () =>
    namesIn(join(layout.stackDir, 'data')).some((name) => name.startsWith('mysql.new-')),
  );
  await killedAt('up', 'the controller to be started', () => existsSync(layout.recordFile('kafka-controller')));
  const [one, other] = await Promise.all([labctl('up'), labctl('up')]);
  expect([one.exitCode, other.exitCode], `${one.stderr}\n${other.stderr}`).toEqual([0, 0]);
  expect(`${one.stderr}${other.stderr}`).toMatch(/another labctl \(pid \d+\) is at work on this stack/);
  expect(namesIn(join(layout.stackDir, 'data')).filter((name) => name.includes('.new-'))).toEqual([]);
  await expectWholeLab();
}, 300_000);

test('up while down runs waits for it, and brings everything back', async () => {
  const down = labctl('down');
  await waitFor('down to begin', () => existsSync(layout.lockFile), { timeoutMs: 30_000, intervalMs: 5 });
  const up = await labctl('up');
  expect([(await down).exitCode, up.exitCode]).toEqual([0, 0]);
  await expectWholeLab();
}, 300_000);

test('down killed while nodes are ending: up does not take those for running', async () => {
  await killedAt('down', 'MySQL to be told', () => textOf(layout.recordFile('mysql')).includes('"stopping": true'));
  expect((await labctl('up')).exitCode).toBe(0);
  await expectWholeLab();
}, 300_000);

test('down -v killed in the middle is finished by the next, which leaves logs and nothing else', async () => {
  await killedAt('down -v', 'Redis to be gone', () => !existsSync(layout.recordFile('redis')));
  expect((await labctl('down -v')).exitCode).toBe(0);
  const ours = (await findMarkedProcesses('LABCTL_NODE')).filter(({ value }) => value.endsWith(`@${layout.stackDir}`));
  expect(ours).toEqual([]);
  expect(readdirSync(stateDir).sort()).toEqual(['logs', 'stack']);
  expect(readdirSync(layout.stackDir)).toEqual([]);
  expect(dirname(layout.socketFile)).not.toBe(layout.stackDir);
  expect(existsSync(dirname(layout.socketFile))).toBe(false);
}, 300_000);
